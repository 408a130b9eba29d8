"""What every room needs: errors, files, number formats, the log."""
