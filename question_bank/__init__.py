"""What a question is: kinds, checks, formats, papers, marking. Plain Python over plain values."""
