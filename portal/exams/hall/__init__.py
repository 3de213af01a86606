"""What a hall needs before its computers trust this site: the authority's certificate and how to install it."""
