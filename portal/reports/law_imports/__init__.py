"""The way of a law into the library: files, a look at what is in them and what they touch, the commit."""
