/* Runs a part block by block: inputs that are not contiguous are gathered, and sums are added in an
   order that the sizes alone decide. */
#ifdef _OPENMP
#include <omp.h>
#define THREAD omp_get_thread_num()
#else
#define THREAD 0
#endif

/* A loop: slot[at[...]] are its arrays, scalar[at[...]] its numbers, sum[at[...]] and flag[at[...]]
   what it adds to; flag[0] tells that an input was not finite. */
#define LOOP(name)                                                                           \
  static void name(T *const *slot, const int *at, const T *scalar, long count, double *sum, \
                   int *flag)
typedef void Loop(T *const *, const int *, const T *, long, double *, int *);
typedef struct {
  int inputs, outputs, buffers, sums, loops, flags;
  const int *function, *start, *at; /* of each loop: its function and where its arguments start */
} Part;

/* PROGRAM */

/* `axes` sizes, then for each input: whether it is strided, and `axes` strides in bytes */
typedef struct {
  long axes;
  const long *sizes, *inputs;
} Layout;

static void gather(T *to, const char *from, long axes, const long *sizes, const long *strides,
                   long first, long count) {
  const long inner = sizes[axes - 1], step = strides[axes - 1];
  while (count > 0) {
    const long column = first % inner;
    long row = first / inner, offset = column * step;
    for (long axis = axes - 2; axis >= 0; axis--) {
      offset += row % sizes[axis] * strides[axis];
      row /= sizes[axis];
    }
    const long run = count < inner - column ? count : inner - column;
    const char *source = from + offset;
    if (step == (long)sizeof(T))
      memcpy(to, source, run * sizeof(T));
    else if (step == 0) {
      const T value = *(const T *)source;
      for (long i = 0; i < run; i++) to[i] = value;
    } else
      for (long i = 0; i < run; i++) to[i] = *(const T *)(source + i * step);
    to += run, first += run, count -= run;
  }
}

/* A sum with what rounding took from it kept beside it (Neumaier). */
static void add(double *sum, double *lost, double term) {
  const double total = *sum + term;
  *lost += (*sum < 0 ? -*sum : *sum) >= (term < 0 ? -term : term) ? (*sum - total) + term
                                                                    : (term - total) + *sum;
  *sum = total;
}

static double sound(double sum, double lost) { return sum - sum == 0 ? sum + lost : sum; }

/* Blocks from `first` up to `last`; `work`: slots, then buffers for what is not contiguous.
   partial: the sums of these blocks. */
static void blocks(const Part *part, char *const *arrays, const Layout *layout, const T *scalar,
                   double *partial, int *flag, char *work, long count, long first, long last) {
  const int inputs = part->inputs, own = inputs + part->outputs;
  T **slot = (T **)work;
  T *memory = (T *)(work + (own + part->buffers + 7) / 8 * 8 * sizeof(T *));
  double sum[part->sums + 1], total[part->sums + 1], lost[part->sums + 1];
  for (int s = 0; s < part->sums; s++) total[s] = lost[s] = 0;
  for (int b = 0; b < part->buffers; b++) slot[own + b] = memory + (long)(own + b) * BLOCK;
  for (long block = first; block < last; block++) {
    const long start = block * BLOCK, size = count - start < BLOCK ? count - start : BLOCK;
    for (int n = 0; n < own; n++) {
      const int strided = layout && n < inputs && layout->inputs[n * (layout->axes + 1)];
      slot[n] = strided ? memory + (long)n * BLOCK : (T *)arrays[n] + start;
      if (strided)
        gather(slot[n], arrays[n], layout->axes, layout->sizes,
               layout->inputs + n * (layout->axes + 1) + 1, start, size);
    }
    for (int s = 0; s < part->sums; s++) sum[s] = 0;
    for (int l = 0; l < part->loops; l++)
      loops[part->function[l]](slot, part->at + part->start[l], scalar, size, sum, flag);
    for (int s = 0; s < part->sums; s++) add(total + s, lost + s, sum[s]);
  }
  for (int s = 0; s < part->sums; s++) partial[s] = sound(total[s], lost[s]);
}

/* work: `room` bytes for each thread.  partial: a row of sums for every GROUP blocks. */
void run_arrays(int number, char *const *arrays, const long *shapes, const T *scalar, double *sums,
                double *partial, int *flag, char *work, long room, long count, int threads) {
  const Part *part = parts + number;
  const Layout layout = {shapes ? shapes[0] : 0, shapes + 1, shapes + 1 + (shapes ? shapes[0] : 0)};
  const long all = (count + BLOCK - 1) / BLOCK, groups = (all + GROUP - 1) / GROUP;
  if (threads > groups) threads = groups;
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
    int own[part->flags];
    for (int f = 0; f < part->flags; f++) own[f] = 0;
#pragma omp for schedule(dynamic)
    for (long g = 0; g < groups; g++)
      blocks(part, arrays, shapes ? &layout : 0, scalar, partial + g * part->sums, own,
             work + THREAD * room, count, g * GROUP, (g + 1) * GROUP < all ? (g + 1) * GROUP : all);
#pragma omp critical
    for (int f = 0; f < part->flags; f++) flag[f] |= own[f];
  }
  for (int s = 0; s < part->sums; s++) {
    double total = 0, lost = 0;
    for (long g = 0; g < groups; g++) add(&total, &lost, partial[g * part->sums + s]);
    sums[s] = sound(total, lost);
  }
}

/* The numbers that are the same for every sample, in place in their table; work: its addresses. */
void run_scalars(int number, T *scalar, int size, int *flag, char *work) {
  const Part *part = parts + number;
  T **slot = (T **)work;
  double sum[1];
  for (int n = 0; n < size; n++) slot[n] = scalar + n;
  for (int l = 0; l < part->loops; l++)
    loops[part->function[l]](slot, part->at + part->start[l], scalar, 1, sum, flag);
}
