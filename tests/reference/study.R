# Helpers of gbsg2.R, gim14.R, cher2.R, msk2018.R and tcga-brca.R: each analysis of a protocol as R does it, one row per estimate.
# Not converged to the defaults but to rounding, so that a comparison at 1e-8 compares methods and not stopping rules.
library(survival)

COX <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
LAST_STEP <- coxph.control(eps = 1e-9, toler.chol = 1e-15, iter.max = 2)
GLM <- glm.control(epsilon = 1e-14, maxit = 100)
Z <- qnorm(0.975)

estimates <- list()

put <- function(...) estimates[[length(estimates) + 1]] <<- list(...)

# The columns are the identity of a row, its counts, and its numbers with the 17 digits that read back the same.
write_estimates <- function(path) {
  columns <- c("analysis", "outcome", "population", "model", "term", "level", "measure", "at", "interval",
               "n", "events", "n_level", "events_level", "estimate", "std_error", "ci_low", "ci_high", "p_value", "statistic", "df")
  cell <- function(row, column) {
    value <- row[[column]]
    if (is.null(value) || is.na(value)) "" else if (is.numeric(value)) sprintf("%.17g", value) else value
  }
  lines <- vapply(estimates, function(row) paste0('"', vapply(columns, cell, "", row = row), '"', collapse = ","), "")
  versions <- paste0("# ", R.version.string, ", survival ", packageVersion("survival"))
  writeLines(c(versions, paste(columns, collapse = ","), lines), path)
}

# Terms are columns of the data: factors whose first level is the reference, or numbers already per their unit.
complete <- function(data, terms) data[complete.cases(data[terms]), , drop = FALSE]
formula_of <- function(response, terms) reformulate(if (length(terms)) terms else "1", response)

level_rows <- function(term, data) {
  if (!is.factor(data[[term]])) return(list(list(level = "", column = term, rows = rep(TRUE, nrow(data)))))
  lapply(levels(data[[term]])[-1], function(level) {
    list(level = level, column = paste0(term, level), rows = data[[term]] == level)
  })
}

models <- function(analysis, outcome, population, data, terms, multivariable, report) {
  univariable_p <- vapply(terms, function(term) report("univariable", term, complete(data, term)), 0)
  chosen <- if (is.numeric(multivariable)) terms[univariable_p < multivariable] else multivariable
  if (length(chosen)) report("multivariable", chosen, complete(data, chosen))
  invisible()
}

# Data has time, event, and entry where entry is delayed.
cox <- function(analysis, outcome, population, data, terms, multivariable = terms, ties = "efron", strata = NULL) {
  response <- if ("entry" %in% names(data)) "Surv(entry, time, event)" else "Surv(time, event)"
  fit_with <- function(terms, data) {
    right <- c(terms, if (length(strata)) sprintf("strata(%s)", strata))
    fit <- coxph(formula_of(response, right), data, ties = ties, control = COX)
    # with so small an eps coxph may halve its last step for a likelihood that differs by rounding alone, and end
    # 1e-7 short in the coefficients: one more step of Newton's
    last <- coxph(formula_of(response, right), data, ties = ties, init = coef(fit), control = LAST_STEP, model = TRUE)
    last$loglik[1] <- fit$loglik[1]
    last
  }
  log_likelihood <- function(fit) fit$loglik[length(fit$loglik)]
  models(analysis, outcome, population, data, terms, multivariable, function(model, terms, data) {
    fit <- fit_with(terms, data)
    beta <- coef(fit)
    se <- sqrt(diag(vcov(fit)))
    for (term in terms) {
      for (item in level_rows(term, data)) {
        b <- beta[[item$column]]
        s <- se[[item$column]]
        put(analysis = analysis, outcome = outcome, population = population, model = model, term = term, level = item$level,
            measure = "HR", interval = "wald", n = nrow(data), events = sum(data$event),
            n_level = sum(item$rows), events_level = sum(data$event[item$rows]),
            estimate = exp(b), std_error = s, ci_low = exp(b - Z * s), ci_high = exp(b + Z * s),
            p_value = pchisq((b / s)^2, 1, lower.tail = FALSE))
      }
      df <- length(level_rows(term, data))
      without <- if (length(terms) > 1) log_likelihood(fit_with(setdiff(terms, term), data)) else fit$loglik[1]
      statistic <- 2 * (log_likelihood(fit) - without)
      p <- pchisq(statistic, df, lower.tail = FALSE)
      if (df > 1) {
        put(analysis = analysis, outcome = outcome, population = population, model = model, term = term, level = "",
            measure = "global", n = nrow(data), events = sum(data$event), p_value = p, statistic = statistic, df = df)
      }
    }
    if (model == "multivariable") {
      found <- concordance(fit)
      put(analysis = analysis, outcome = outcome, population = population, model = model, term = "", level = "", measure = "concordance",
          n = nrow(data), events = sum(data$event), estimate = found$concordance, std_error = sqrt(found$var))
    }
    p # of the only term of a univariable model
  })
}

# Data has event, 0/1. Profile limits are where the deviance rises by 3.84, found by root search and not by confint's spline.
logistic <- function(analysis, outcome, population, data, terms, multivariable = terms, intervals = c("profile", "wald")) {
  models(analysis, outcome, population, data, terms, multivariable, function(model, terms, data) {
    fit <- glm(formula_of("event", terms), binomial, data, control = GLM)
    x <- model.matrix(fit)
    # not vcov(fit), whose weights are those of the step before the last
    covariance <- solve(crossprod(x, x * fitted(fit) * (1 - fitted(fit))))
    deviance_without <- function(columns, offset = rep(0, nrow(x))) {
      glm.fit(x[, !colnames(x) %in% columns, drop = FALSE], data$event, family = binomial(), offset = offset, control = GLM)$deviance
    }
    for (term in terms) {
      for (item in level_rows(term, data)) {
        b <- coef(fit)[[item$column]]
        s <- sqrt(covariance[item$column, item$column])
        rise <- function(at) deviance_without(item$column, at * x[, item$column]) - fit$deviance
        limit <- function(side) {
          far <- b + side * Z * s
          while (rise(far) < Z^2) far <- far + side * s
          uniroot(function(at) rise(at) - Z^2, sort(c(b, far)), tol = 1e-13)$root
        }
        for (interval in intervals) {
          profile <- interval == "profile"
          limits <- if (profile) c(limit(-1), limit(1)) else b + c(-1, 1) * Z * s
          p <- pchisq(if (profile) rise(0) else (b / s)^2, 1, lower.tail = FALSE)
          put(analysis = analysis, outcome = outcome, population = population, model = model, term = term, level = item$level,
              measure = "OR", interval = interval, n = nrow(data), events = sum(data$event),
              n_level = sum(item$rows), events_level = sum(data$event[item$rows]),
              estimate = exp(b), std_error = s, ci_low = exp(limits[1]), ci_high = exp(limits[2]), p_value = p)
        }
      }
      columns <- vapply(level_rows(term, data), function(item) item$column, "")
      statistic <- deviance_without(columns) - fit$deviance
      p <- pchisq(statistic, length(columns), lower.tail = FALSE)
      if (length(columns) > 1) {
        put(analysis = analysis, outcome = outcome, population = population, model = model, term = term, level = "",
            measure = "global", n = nrow(data), events = sum(data$event), p_value = p, statistic = statistic, df = length(columns))
      }
    }
    p
  })
}

# Data has time, event and entry as for cox; times and the printed median are in units of `unit` (days).
curves <- function(analysis, outcome, population, data, by, times, unit, interval = "log") {
  delayed <- "entry" %in% names(data)
  data <- complete(data, by)
  for (level in levels(data[[by]])) {
    group <- data[data[[by]] == level, ]
    y <- if (delayed) with(group, Surv(entry, time, event)) else with(group, Surv(time, event))
    fit <- survfit(y ~ 1, conf.type = interval)
    median <- summary(fit)$table[c("median", "0.95LCL", "0.95UCL")] / unit
    put(analysis = analysis, outcome = outcome, population = population, term = by, level = level, measure = "median", interval = interval,
        n = nrow(data), events = sum(data$event), n_level = nrow(group), events_level = sum(group$event),
        estimate = median[[1]], ci_low = median[[2]], ci_high = median[[3]])
    for (at in times) {
      then <- summary(fit, times = at * unit)
      put(analysis = analysis, outcome = outcome, population = population, term = by, level = level, measure = "survival",
          at = as.character(at), interval = interval, n = nrow(data), events = sum(data$event), n_level = nrow(group), events_level = sum(group$event),
          estimate = then$surv, std_error = then$std.err / then$surv, ci_low = then$lower, ci_high = then$upper)
    }
  }
  # survdiff takes no delayed entry; the score test of the exact partial likelihood is the same test
  statistic <- if (delayed) {
    coxph(formula_of("Surv(entry, time, event)", by), data, ties = "exact")$score
  } else {
    survdiff(formula_of("Surv(time, event)", by), data)$chisq
  }
  df <- nlevels(data[[by]]) - 1
  put(analysis = analysis, outcome = outcome, population = population, term = by, measure = "logrank", n = nrow(data), events = sum(data$event),
      p_value = pchisq(statistic, df, lower.tail = FALSE), statistic = statistic, df = df)
}

# A cross table with every level of both; missing ones are in no cell.
counts <- function(analysis, population, data, row, column) {
  table <- table(data[[row]], data[[column]])
  for (i in rownames(table)) for (j in colnames(table)) {
    put(analysis = analysis, outcome = paste0(column, "=", j), population = population, term = row, level = i, measure = "count", estimate = table[i, j])
  }
}

# Fisher's test of an outcome (TRUE, FALSE or NA) between the levels of a two-level factor. fisher.test() solves for the odds
# ratio and its limits to 1e-4 only: these are its equations, of the noncentral hypergeometric distribution, solved fully.
fisher <- function(analysis, outcome, population, y, by, term) {
  known <- !is.na(y) & !is.na(by)
  x <- table(factor(by[known] == levels(by)[2], c(TRUE, FALSE)), factor(y[known], c(TRUE, FALSE)))
  support <- max(0, sum(x[1, ]) - sum(x[, 2])):min(sum(x[1, ]), sum(x[, 1]))
  density <- function(log_or) {
    d <- dhyper(support, sum(x[, 1]), sum(x[, 2]), sum(x[1, ]), log = TRUE) + log_or * support
    exp(d - max(d)) / sum(exp(d - max(d)))
  }
  solve <- function(f) exp(uniroot(f, c(-12, 12), tol = 1e-15, maxiter = 10000)$root)
  put(analysis = analysis, outcome = outcome, population = population, term = term, level = levels(by)[2], measure = "OR",
      interval = "exact conditional", n = sum(x), events = sum(x[, 1]), n_level = sum(x[1, ]), events_level = x[1, 1],
      estimate = solve(function(b) sum(support * density(b)) - x[1, 1]),
      ci_low = solve(function(b) sum(density(b)[support >= x[1, 1]]) - 0.025),
      ci_high = solve(function(b) sum(density(b)[support <= x[1, 1]]) - 0.025),
      p_value = fisher.test(x)$p.value)
}

proportion <- function(interval, ..., n_level, events_level) {
  limits <- if (interval == "Wilson") {
    suppressWarnings(prop.test(events_level, n_level, correct = FALSE))$conf.int # it warns of small counts
  } else {
    binom.test(events_level, n_level)$conf.int
  }
  put(interval = interval, ..., n_level = n_level, events_level = events_level, estimate = events_level / n_level,
      ci_low = limits[1], ci_high = limits[2])
}

# The proportion with an outcome (TRUE, FALSE or NA) in each level of a factor.
rates <- function(analysis, outcome, population, y, by, term) {
  known <- !is.na(y) & !is.na(by)
  for (level in levels(by)) {
    here <- y[known & by == level]
    for (interval in c("Wilson", "Clopper-Pearson")) {
      proportion(interval, analysis = analysis, outcome = outcome, population = population, term = term, level = level, measure = "proportion",
                 n = sum(known), events = sum(y[known]), n_level = length(here), events_level = sum(here))
    }
  }
}

# A test against a reference, both TRUE, FALSE or NA.
agreement <- function(analysis, outcome, population, term, level, test, reference) {
  known <- !is.na(test) & !is.na(reference)
  test <- test[known]
  reference <- reference[known]
  shared <- list(analysis = analysis, outcome = outcome, population = population, term = term, level = level,
                 n = sum(known), events = sum(reference))
  share <- function(measure, right, among) {
    do.call(proportion, c("Clopper-Pearson", shared, measure = measure, n_level = sum(among), events_level = sum(right & among)))
  }
  share("sensitivity", test, reference)
  share("specificity", !test, !reference)
  share("PPV", reference, test)
  share("NPV", !reference, !test)
  share("accuracy", test == reference, rep(TRUE, length(test)))
  p <- prop.table(table(test, reference))
  kappa <- function(p) {
    chance <- sum(rowSums(p) * colSums(p))
    estimate <- (sum(diag(p)) - chance) / (1 - chance)
    # delta method: the derivative by each share, whose covariance is multinomial
    slope <- (diag(2) * (1 - chance) - outer(colSums(p), rowSums(p), "+") * (1 - sum(diag(p)))) / (1 - chance)^2
    c(estimate, sqrt((sum(p * slope^2) - sum(p * slope)^2) / length(test)))
  }
  k <- kappa(p)
  by_chance <- kappa(outer(rowSums(p), colSums(p)))
  above <- k[1] + Z * k[2]
  do.call(put, c(shared, measure = "kappa", interval = if (above > 1) "Wald, cut at 1" else "wald", estimate = k[1], std_error = k[2],
                 ci_low = k[1] - Z * k[2], ci_high = min(above, 1), p_value = pchisq((k[1] / by_chance[2])^2, 1, lower.tail = FALSE)))
  discordant <- c(sum(test & !reference), sum(!test & reference))
  do.call(put, c(shared, measure = "McNemar", p_value = binom.test(discordant[1], sum(discordant))$p.value))
}
