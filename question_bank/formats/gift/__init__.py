"""GIFT, Moodle's text form, in and out."""
