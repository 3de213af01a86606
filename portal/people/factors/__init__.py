"""Second factors, strong proof, and signing in through a provider."""
