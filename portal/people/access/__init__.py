"""Ways in with a password: codes, passwords, sign-ins and the devices they are made on."""
