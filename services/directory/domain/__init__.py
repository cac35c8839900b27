"""The rules of the register, of appointments and of invitations: plain Python, no input or output."""
