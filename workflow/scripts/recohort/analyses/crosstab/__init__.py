"""What the analyses of cross-tables share."""
