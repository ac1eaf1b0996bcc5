"""Price series and where they come from; claims about prices."""
