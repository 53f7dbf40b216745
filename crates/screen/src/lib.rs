//! Screening in memory: the number list, callers' behaviour in sliding windows, and the decision on a call. Pure.
