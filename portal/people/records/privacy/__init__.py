"""The privacy notice in its versions, and who has read which."""
