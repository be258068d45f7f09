/* One training step of the network in C: forwards, backwards, clip, Adagrad.
   REAL is double or float. All arrays are dense, rows first, in the shapes of the series;
   `work` has room for T (3 H + V) + H numbers. Inner loops run over neighbouring numbers,
   and what does not depend on the past is left to the end, while a row is close at hand. */

#include <tgmath.h>

/* out += scale row */
static inline void add(REAL *restrict out, REAL scale, const REAL *restrict row, int n) {
    for (int i = 0; i < n; i++)
        out[i] += scale * row[i];
}

static inline REAL dot(const REAL *restrict u, const REAL *restrict v, int n) {
    REAL sum = 0;
    for (int i = 0; i < n; i++)
        sum += u[i] * v[i];
    return sum;
}

/* The gradients are set; h is h0 before and the last state after; returns the loss. */
double loss_and_gradients(int V, int H, int T, const REAL *Wxh, const REAL *Whh,
                          const REAL *Why, const REAL *bh, const REAL *by, REAL *dWxh,
                          REAL *dWhh, REAL *dWhy, REAL *dbh, REAL *dby,
                          const long long *inputs, const long long *targets, REAL *h,
                          REAL *work) {
    REAL *hidden = work, *dy = hidden + (T + 1) * H, *da = dy + T * V;
    double loss = 0;
    for (int i = 0; i < H; i++) hidden[i] = h[i];
    for (int t = 0; t < T; t++) {
        REAL *before = hidden + t * H, *now = before + H;
        for (int i = 0; i < H; i++)
            now[i] = Wxh[i * V + inputs[t]] + dot(Whh + i * H, before, H) + bh[i];
        for (int i = 0; i < H; i++) now[i] = tanh(now[i]);
    }
    for (int i = 0; i < H; i++) h[i] = hidden[T * H + i];

    for (int k = 0; k < V; k++)
        for (int t = 0; t < T; t++)
            dy[t * V + k] = dot(Why + k * H, hidden + (t + 1) * H, H) + by[k];
    for (int t = 0; t < T; t++) {
        REAL *y = dy + t * V, largest = y[0], sum = 0;
        for (int k = 1; k < V; k++) largest = y[k] > largest ? y[k] : largest;
        loss -= y[targets[t]] - largest;
        for (int k = 0; k < V; k++) sum += y[k] = exp(y[k] - largest);
        loss += log(sum);
        for (int k = 0; k < V; k++) y[k] /= sum;
        y[targets[t]] -= 1;
    }

    for (int i = 0; i < T * H; i++) da[i] = 0;
    for (int k = 0; k < V; k++) {
        dby[k] = 0;
        for (int j = 0; j < H; j++) dWhy[k * H + j] = 0;
        for (int t = 0; t < T; t++) {
            dby[k] += dy[t * V + k];
            add(dWhy + k * H, dy[t * V + k], hidden + (t + 1) * H, H);
            add(da + t * H, dy[t * V + k], Why + k * H, H);
        }
    }
    for (int t = T - 1; t >= 0; t--) {
        REAL *now = hidden + (t + 1) * H, *message = da + t * H;
        for (int i = 0; i < H; i++) message[i] *= 1 - now[i] * now[i];
        if (t > 0)
            for (int i = 0; i < H; i++) add(message - H, message[i], Whh + i * H, H);
    }
    for (int i = 0; i < H * V; i++) dWxh[i] = 0;
    for (int i = 0; i < H; i++) {
        dbh[i] = 0;
        for (int j = 0; j < H; j++) dWhh[i * H + j] = 0;
        for (int t = 0; t < T; t++) {
            dbh[i] += da[t * H + i];
            dWxh[i * V + inputs[t]] += da[t * H + i];
            add(dWhh + i * H, da[t * H + i], hidden + t * H, H);
        }
    }
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
