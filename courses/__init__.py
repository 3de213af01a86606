"""What a course is: outline, lesson text, when it is complete. Plain Python over plain values."""
