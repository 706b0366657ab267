"""Labels that spread from the labelled images along a graph of the nearest neighbours in a space of features.

Sources: Zhou et al. 2004 (label spreading); Iscen et al. 2019 (on features of a network, by conjugate gradients).
"""

import numpy as np

from compare_gan2.ground.errors import ConfigError

POWER = 3.0  # of the cosines, gamma in Iscen et al. 2019
SOLVER_TOLERANCE = 1e-8
SOLVER_ITERATIONS = 1000


def unit_length(features):
    """Features float64 [n,F], each row scaled to length 1; a row of zeros stays one."""
    features = np.asarray(features, np.float64)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def neighbour_graph(features, neighbours):
    """Sparse [n,n]: cosines with the nearest neighbours to the power of 3, symmetric, normalised by degrees.

    The diagonal is zero. An image without a neighbour at less than a right angle has an empty row.

    Args:
        features: unit length [n,F].
        neighbours: number of neighbours of each image, below n.
    """
    import scipy.sparse
    from sklearn.neighbors import NearestNeighbors  # here, since scikit-learn takes long to import

    count = len(features)
    search = NearestNeighbors(n_neighbors=neighbours, metric="cosine", algorithm="brute").fit(features)
    distances, nearest = search.kneighbors()  # without the images themselves
    weights = np.maximum(1 - distances, 0) ** POWER
    rows = np.repeat(np.arange(count), neighbours)
    graph = scipy.sparse.csr_matrix((weights.ravel(), (rows, nearest.ravel())), shape=(count, count))
    graph = graph + graph.T
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    scale = scipy.sparse.diags(np.where(degrees > 0, np.maximum(degrees, 1e-300) ** -0.5, 0))
    return (scale @ graph @ scale).tocsr()


def spread(graph, sources, alpha):
    """Scores float64 [n,K] that solve (I - alpha graph) F = sources; none is below 0.

    Args:
        graph: see `neighbour_graph`.
        sources: [n,K], what each image contributes to each class; the columns are scaled to equal sums.
        alpha: in [0, 1), how far labels spread.

    Raises:
        ConfigError: if the solver does not converge.
    """
    import scipy.sparse
    from scipy.sparse.linalg import cg

    sources = sources / np.maximum(sources.sum(axis=0), 1e-300)
    matrix = scipy.sparse.identity(graph.shape[0], format="csr") - alpha * graph
    columns = []
    for source in sources.T:
        found, failed = cg(matrix, source, rtol=SOLVER_TOLERANCE, maxiter=SOLVER_ITERATIONS)
        if failed:
            raise ConfigError(
                "propagation.alpha: expected a number with which conjugate gradients converge in "
                f"{SOLVER_ITERATIONS} steps, got {alpha}; bind a smaller one"
            )
        columns.append(np.maximum(found, 0))
    return np.stack(columns, axis=1)
