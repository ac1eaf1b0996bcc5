"""Event studies: what did this news do to that stock, and can we tell it from noise?"""
