"""What the Makefile calls: programs of the standard library alone, for any Python from 3.9 on."""
