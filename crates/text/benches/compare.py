"""TF-IDF over character n-grams and a linear support vector machine, the usual peer, on folds given in a file.

usage: compare.py FOLDS.csv   (columns text, label, fold)
Prints the macro-F1 of three usual settings with their time for a message in one batch and one at a time, as messages come
in line; and last the best of them with its time for one message at a time, in microseconds.
"""

import csv
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

# Messages that are judged one at a time in each fold.
ALONE = 100

SETTINGS = {
    "1-3": dict(ngram_range=(1, 3)),
    "1-3 sublinear, 2 texts at least": dict(ngram_range=(1, 3), sublinear_tf=True, min_df=2),
    "1-4 sublinear, 2 texts at least": dict(ngram_range=(1, 4), sublinear_tf=True, min_df=2),
}


def main(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = [row["text"] for row in rows]
    labels = [row["label"] for row in rows]
    folds = [row["fold"] for row in rows]
    best = (0.0, 0.0)
    for name, setting in SETTINGS.items():
        predicted = [None] * len(rows)
        spent = alone = 0.0
        for fold in sorted(set(folds)):
            model = make_pipeline(TfidfVectorizer(analyzer="char", **setting), LinearSVC())
            train = [i for i, f in enumerate(folds) if f != fold]
            test = [i for i, f in enumerate(folds) if f == fold]
            model.fit([texts[i] for i in train], [labels[i] for i in train])
            start = time.perf_counter()
            told = model.predict([texts[i] for i in test])
            spent += time.perf_counter() - start
            for i, label in zip(test, told):
                predicted[i] = label
            start = time.perf_counter()
            for i in test[:ALONE]:
                model.predict([texts[i]])
            alone += (time.perf_counter() - start) / len(test[:ALONE])
        f1 = f1_score(labels, predicted, average="macro")
        batch_us = spent * 1e6 / len(rows)
        alone_us = alone * 1e6 / len(set(folds))
        print(f"    scikit-learn  macro-F1 {f1:.4f}   {batch_us:7.1f} µs a message in one batch, {alone_us:.1f} µs alone  ({name})")
        best = max(best, (f1, alone_us))
    print(best[0], best[1])


main(sys.argv[1])
