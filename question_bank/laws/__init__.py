"""Laws as they are published: what their texts say, and what one version changes in another."""
