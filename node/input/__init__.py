"""What people type, and whether the page that they sent is still true."""
