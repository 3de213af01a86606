"""One transfer with everything that goes along, and the steps both units take."""
