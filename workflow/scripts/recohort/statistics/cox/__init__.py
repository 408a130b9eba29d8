"""Cox models: risk sets, partial likelihood, fit, residuals, concordance, baseline hazard."""
