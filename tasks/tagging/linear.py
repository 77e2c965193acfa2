"""A linear model over n-gram counts: one score per label, and the label to guess."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

PENALTY = 2.0  # C of LinearSVC: less forgets rare labels, more heeds each odd example
SEEN_IN = 2  # prompts: an n-gram of one prompt teaches nothing about another


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of the columns that were seen in training.

    labels   [labels]           in the order of the scores
    columns  [columns] int32    which of the hashed columns
    idf      [columns] float32  how telling each is
    weights  [columns, labels] float32
    bias     [labels] float32
    """

    labels: tuple[str, ...]
    columns: np.ndarray
    idf: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def scores(self, counts: csr_matrix) -> np.ndarray:
        """Return [prompts, labels]."""
        told = _weighed(counts[:, self.columns], self.idf)
        scores: np.ndarray = told @ self.weights + self.bias
        return scores


def fit(counts: csr_matrix, labels: Sequence[str]) -> Linear:
    """Learn to tell `labels` apart: one line against the rest for each.

    Chosen by measurement, docs/log.md: as good as logistic regression at a tenth of its time.
    """
    seen_in = np.bincount(counts.indices, minlength=counts.shape[1])
    columns = np.flatnonzero(seen_in >= SEEN_IN).astype(np.int32)
    seen = counts[:, columns]
    idf = _idf(seen)
    names = tuple(sorted(set(labels)))
    weights, bias = _lines(_weighed(seen, idf), labels, len(names))
    return Linear(names, columns, idf, weights.T.astype(np.float32), bias.astype(np.float32))


def _lines(told: csr_matrix, labels: Sequence[str], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return [labels, columns] and [labels]; scikit-learn keeps one line for two labels."""
    if count == 1 or not told.shape[1]:
        return np.zeros((count, told.shape[1])), np.zeros(count)
    model = LinearSVC(C=PENALTY, random_state=0).fit(told, labels)
    if count == 2:
        return np.vstack([-model.coef_, model.coef_]), np.hstack([-1, 1]) * model.intercept_
    return model.coef_, model.intercept_


def best(
    scores: np.ndarray, labels: Sequence[str], temperature: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return [prompts] the column of the label to guess, and the chance that it is right.

    The likeliest area is chosen first, then the likeliest of its kinds: kinds of an area share
    what they look like, and so halve each other's chance.
    """
    chance = np.exp(log_softmax(scores / temperature, axis=1))
    names = [label.partition("/")[0] for label in labels]
    member = np.array([[name == area for area in sorted(set(names))] for name in names])
    area = (chance @ member).argmax(axis=1)
    column = (chance * member[:, area].T).argmax(axis=1)
    return column, chance[np.arange(len(column)), column].astype(np.float32)


def fitted_temperature(scores: np.ndarray, meant: np.ndarray) -> float:
    """Return the temperature at which held-out `scores` say how often they are right.

    `meant` [prompts] is the column of the right label; temperature scaling, Guo et al. 2017.
    """
    if not len(meant):
        return 1.0

    def surprise(log_temperature: float) -> float:
        logs = log_softmax(scores / np.exp(log_temperature), axis=1)
        return -float(logs[np.arange(len(meant)), meant].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-5, 3), method="bounded").x))


def _idf(counts: csr_matrix) -> np.ndarray:
    rows = counts.shape[0]
    seen_in = np.bincount(counts.indices, minlength=counts.shape[1])
    idf: np.ndarray = np.log((1 + rows) / (1 + seen_in)) + 1
    return idf.astype(np.float32)


def _weighed(counts: csr_matrix, idf: np.ndarray) -> csr_matrix:
    """Return TF-IDF with sublinear counts, each row of length 1."""
    logged = counts.astype(np.float32)
    logged.data = (1 + np.log(logged.data)) * idf[logged.indices]
    return normalize(logged) if all(logged.shape) else logged
