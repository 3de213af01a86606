"""Questions as trainers write them down: pasted text, and what stands in a Word document."""
