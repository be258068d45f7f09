/* One training step of the network in C: forwards, backwards, clip, Adagrad.
   REAL is double or float. All arrays are dense, rows first, in the shapes of the series;
   `work` has room for T (3 H + V) + H (H + 1) numbers. The order of every loop lets the
   compiler work on neighbouring numbers at once, as a BLAS does by hand. */

#include <tgmath.h>

/* out += M^T v, for M with `rows` rows: a row of M at a time */
static void add_rows(REAL *restrict out, const REAL *restrict M, const REAL *restrict v,
                     int rows, int width) {
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < width; c++)
            out[c] += v[r] * M[r * width + c];
}

/* M += u v^T */
static void add_outer(REAL *restrict M, const REAL *restrict u, const REAL *restrict v,
                      int rows, int width) {
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < width; c++)
            M[r * width + c] += u[r] * v[c];
}

static REAL dot(const REAL *restrict u, const REAL *restrict v, int n) {
    REAL sum = 0;
    for (int i = 0; i < n; i++)
        sum += u[i] * v[i];
    return sum;
}

/* gradients are set; h is h0 before and the last state after; returns the loss in nats */
double loss_and_gradients(int V, int H, int T, const REAL *Wxh, const REAL *Whh,
                          const REAL *Why, const REAL *bh, const REAL *by, REAL *dWxh,
                          REAL *dWhh, REAL *dWhy, REAL *dbh, REAL *dby,
                          const long long *inputs, const long long *targets, REAL *h,
                          REAL *work) {
    REAL *hidden = work, *dy = hidden + (T + 1) * H, *da = dy + T * V;
    REAL *dhnext = da + H, loss = 0;
    for (int i = 0; i < H; i++) hidden[i] = h[i];
    for (int t = 0; t < T; t++) {
        REAL *before = hidden + t * H, *now = before + H, *y = dy + t * V;
        for (int i = 0; i < H; i++)
            now[i] = tanh(Wxh[i * V + inputs[t]] + dot(Whh + i * H, before, H) + bh[i]);
        REAL largest = -INFINITY, sum = 0;
        for (int k = 0; k < V; k++) {
            y[k] = dot(Why + k * H, now, H) + by[k];
            largest = y[k] > largest ? y[k] : largest;
        }
        loss -= y[targets[t]] - largest;
        for (int k = 0; k < V; k++) sum += y[k] = exp(y[k] - largest);
        loss += log(sum);
        for (int k = 0; k < V; k++) y[k] /= sum;
        y[targets[t]] -= 1;
    }
    for (int i = 0; i < H * V; i++) dWxh[i] = dWhy[i] = 0;
    for (int i = 0; i < H * H; i++) dWhh[i] = 0;
    for (int i = 0; i < H; i++) dbh[i] = dhnext[i] = 0;
    for (int k = 0; k < V; k++) dby[k] = 0;
    for (int t = T - 1; t >= 0; t--) {
        REAL *before = hidden + t * H, *now = before + H, *y = dy + t * V;
        add_outer(dWhy, y, now, V, H);
        for (int k = 0; k < V; k++) dby[k] += y[k];
        add_rows(dhnext, Why, y, V, H);
        for (int i = 0; i < H; i++) {
            da[i] = (1 - now[i] * now[i]) * dhnext[i];
            dbh[i] += da[i];
            dWxh[i * V + inputs[t]] += da[i];
            dhnext[i] = 0;
        }
        add_outer(dWhh, da, before, H, H);
        add_rows(dhnext, Whh, da, H, H);
    }
    for (int i = 0; i < H; i++) h[i] = hidden[T * H + i];
    return loss;
}

void clip_and_adagrad(int n, REAL *restrict w, REAL *restrict g, REAL *restrict memory,
                      REAL rate) {
    for (int i = 0; i < n; i++) {
        REAL clipped = g[i] < -5 ? -5 : g[i] > 5 ? 5 : g[i];
        memory[i] += clipped * clipped;
        w[i] -= rate * clipped / sqrt(memory[i] + (REAL)1e-8);
    }
}
