"""What logistic and Cox analyses share."""
