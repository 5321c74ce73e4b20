"""Pages on which leads say whether what their runs say is still true."""
