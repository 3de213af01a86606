"""An exam while it is sat: who works, who is offline, incidents, pauses, time given back."""
