"""What only the container setup needs: the servers' containers, their secrets, certificates and first contents."""
