"""What somebody sent that was not kept: it is never lost."""
