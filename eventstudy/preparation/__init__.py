"""What is read and prepared before anything is estimated."""
