# What is to be known of a test run that failed, out of what it has printed: which tests failed and why, and, when it was
# ended from outside, which had begun.

/^✘ .*(recorded an issue|failed after)/ || /^\/.*: error:/ { print }

/^◇ Test ["a-z].* started\.$/ && !/^◇ Test (case|run) / {
    name = $0
    sub(/^◇ Test /, "", name)
    sub(/ started\.$/, "", name)
    running[name] = 1
}

/^[^ ]+ Test ["a-z].* (passed|failed) after / {
    name = $0
    sub(/^[^ ]+ Test /, "", name)
    sub(/ (with [0-9]+ test cases? )?(passed|failed) after .*/, "", name)
    delete running[name]
}

/^◇ Test run started/ { runs++ }
/^[^ ]+ Test run with / { runs-- }

END {
    if (runs > 0) for (name in running) if (++told <= 20) print "never ended: " name
}
