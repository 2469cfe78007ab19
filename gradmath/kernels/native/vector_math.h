/* Mathematics for the host: functions of a type T (double or float, as BITS says) without branches,
   so that a compiler turns loops over them into vector code by itself, and no vector library is
   needed.  exp and log err by less than 1.1 ulp, expm1 and log1p by less than 2.5, tanh, sinh and
   cosh by less than 4, erfcx by less than 6.  NaN, infinities, signed zeros and subnormal numbers
   are answered as C's own functions answer them.  The rest is libm's.  At the end the words of a
   kernel's body are given their meaning. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if BITS == 64
typedef double T;
typedef int64_t I;
#define LOG2E 1.44269504088896338700
#define LN2_HI 6.93147180369123816490e-01 /* 32 bits: exact times any exponent */
#define LN2_LO 1.90821492927058770002e-10
#define ROUNDER 0x1.8p52 /* adding it rounds to an integer, which then stands in the last bits */
#define MANTISSA 52
#define BIAS 1023
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdLL
#define SMALLEST_NORMAL 0x1p-1022
#define EXP_LOW -746.0
#define LARGEST 0x1.fffffffffffffp1023
#define FUNCTION(name) name
#else
typedef float T;
typedef int32_t I;
#define LOG2E 1.44269504088896338700f
#define LN2_HI 0.693359375f
#define LN2_LO -2.12194440054690582767e-4f
#define ROUNDER 0x1.8p23f
#define MANTISSA 23
#define BIAS 127
#define SQRT_HALF_BITS 0x3f3504f3
#define SMALLEST_NORMAL 0x1p-126f
#define EXP_LOW -104.0f
#define LARGEST 0x1.fffffep127f
#define FUNCTION(name) name##f
#endif
#define T(x) ((T)(x))
#define INLINE static inline __attribute__((always_inline))

/* One rounding where the processor has the instruction; elsewhere two, never a call. */
#if (defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)) && !defined(NO_FMA)
#define FMA(a, b, c) FUNCTION(__builtin_fma)(a, b, c)
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

INLINE I bits_of(T x) { I i; memcpy(&i, &x, sizeof i); return i; }
INLINE T of_bits(I i) { T x; memcpy(&x, &i, sizeof x); return x; }
/* 2^k for the integer k that stands in the last bits of shifted = ROUNDER + k */
INLINE T power_of_two(T shifted) {
  return of_bits((I)((uint64_t)bits_of(shifted) << MANTISSA) + ((I)BIAS << MANTISSA));
}
INLINE T at_least(T low, T x) { return low > x ? low : x; } /* a NaN passes */
INLINE T at_most(T high, T x) { return high < x ? high : x; }

/* x = k log 2 + r with |r| <= log(2)/2 */
#define REDUCE(x, high)                          \
  const T shifted = high(FMA(x, LOG2E, ROUNDER)); \
  const T k = shifted - ROUNDER;                 \
  const T r = FMA(k, -LN2_LO, FMA(k, -LN2_HI, x))
#define ANY(shifted) (shifted)
/* Where k would be out of range r is large instead, and so is what is made of it: infinity is
   reached all the same. */
#define CAPPED(shifted) at_most(ROUNDER + T(BIAS + 1), shifted)

/* (e^r - 1 - r)/r^2: its interpolant at Chebyshev's points, off by less than a tenth of an ulp of
   e^r */
INLINE T exp_rest(T r) {
#if BITS == 64
  T q = 2.5100375832561233664e-8;
  q = FMA(q, r, 2.7620075879983366586e-7);
  q = FMA(q, r, 2.7557268480310025526e-6);
  q = FMA(q, r, 0.000024801521322368693266);
  q = FMA(q, r, 0.00019841269863040545271);
  q = FMA(q, r, 0.0013888888917196719077);
  q = FMA(q, r, 0.0083333333333300644495);
  q = FMA(q, r, 0.041666666666624161903);
  q = FMA(q, r, 0.16666666666666667452);
  q = FMA(q, r, 0.50000000000000010211);
#else
  T q = 0.001392617612f;
  q = FMA(q, r, 0.008363173075f);
  q = FMA(q, r, 0.04166655466f);
  q = FMA(q, r, 0.1666657703f);
  q = FMA(q, r, 0.5f);
#endif
  return q;
}
INLINE T gm_exp(T x) {
  const T c = at_least(EXP_LOW, x);
  REDUCE(c, CAPPED);
  const T e = FMA(FMA(exp_rest(r), r, T(1)), r, T(1));
  /* in two steps, since 2^k itself may be out of range where e^x is not */
  const T half = FMA(k, T(0.5), ROUNDER);
  return e * power_of_two(half) * power_of_two(shifted - (half - ROUNDER));
}
INLINE T gm_exp_down(T x) { /* for x <= 0 */
  const T c = at_least(EXP_LOW, x);
  REDUCE(c, ANY);
  const T e = FMA(FMA(exp_rest(r), r, T(1)), r, T(1));
  return e * power_of_two(shifted + T(64)) * T(0x1p-64); /* 2^k may be out of range below */
}
INLINE T gm_expm1(T x) {
  const T c = at_least(T(-50), x);
  REDUCE(c, CAPPED);
  const T p = FMA(exp_rest(r) * r, r, r);
  const T s = power_of_two(shifted - T(1)); /* 2^(k - 1): 2^k may overflow */
  const T h = FMA(s, p, s - T(0.5));
  return x == T(0) ? x : h + h;
}

/* log(1 + f) - f + f^2/2 for 1 + f between sqrt(1/2) and sqrt(2), after fdlibm */
INLINE T log_rest(T f, T half_square) {
  const T s = f / (T(2) + f), z = s * s;
#if BITS == 64
  T q = 1.479819860511658591e-01;
  q = FMA(q, z, 1.531383769920937332e-01);
  q = FMA(q, z, 1.818357216161805012e-01);
  q = FMA(q, z, 2.222219843214978396e-01);
  q = FMA(q, z, 2.857142874366239149e-01);
  q = FMA(q, z, 3.999999999940941908e-01);
  q = FMA(q, z, 6.666666666666735130e-01);
#else
  T q = 0.24279078841f;
  q = FMA(q, z, 0.28498786688f);
  q = FMA(q, z, 0.40000972152f);
  q = FMA(q, z, 0.66666662693f);
#endif
  return s * FMA(z, q, half_square);
}
/* x = 2^k m with m between sqrt(1/2) and sqrt(2) */
#define SPLIT(x)                                                          \
  const I exponent = (bits_of(x) - SQRT_HALF_BITS) >> MANTISSA;           \
  const T m = of_bits(bits_of(x) - (I)((uint64_t)exponent << MANTISSA));  \
  const T k = of_bits(bits_of(ROUNDER) + exponent) - ROUNDER
INLINE T log_domain(T x, T inside) { /* x: the argument of the logarithm */
  const T outside = x == T(0) ? T(-INFINITY) : x < T(0) ? T(NAN) : x;
  return (x > T(0)) & (x <= LARGEST) ? inside : outside;
}
INLINE T gm_log(T x) {
  const bool small = x < SMALLEST_NORMAL;
  const T lifted = small ? x * T((I)1 << MANTISSA) : x;
  SPLIT(lifted);
  const T n = small ? k - T(MANTISSA) : k;
  const T f = m - T(1), h = T(0.5) * f * f;
  return log_domain(x, n * LN2_HI - ((h - (log_rest(f, h) + n * LN2_LO)) - f));
}
INLINE T gm_log1p(T x) {
  const T u = T(1) + x;
  SPLIT(u);
  /* what rounding took from 1 + x, relative to it */
  const T lost = (k > T(0) ? T(1) - (u - x) : x - (u - T(1))) / u;
  const bool near = k == T(0);
  const T f = near ? x : m - T(1), h = T(0.5) * f * f;
  const T c = near ? T(0) : FMA(k, LN2_LO, lost);
  const T y = log_domain(u, k * LN2_HI - ((h - (log_rest(f, h) + c)) - f));
  return x == T(0) ? x : y;
}

INLINE T gm_tanh(T x) {
  const T e = gm_expm1(T(-2) * FUNCTION(fabs)(x));
  return FUNCTION(copysign)(e / (T(2) + e), x);
}
INLINE T gm_cosh(T x) {
  const T e = gm_exp(T(0.5) * FUNCTION(fabs)(x));
  return T(0.5) * e * e + T(0.5) / (e * e);
}
INLINE T gm_sinh(T x) {
  const T a = FUNCTION(fabs)(x), e = gm_exp(T(0.5) * a), e1 = gm_expm1(a > T(22) ? T(22) : a);
  const T y = a > T(22) ? T(0.5) * e * e : T(0.5) * (e1 + e1 / (e1 + T(1)));
  return FUNCTION(copysign)(y, x);
}
/* exp(x^2) erfc(x) for x >= 0: (1 + 2x) times it is smooth in t = (x - c)/(x + c); the polynomial is
   the Chebyshev series of gradmath.program.special, written in powers of t. */
INLINE T gm_erfcx(T x) {
  const T t = x > LARGEST ? T(1) : (x - T(3.75)) / (x + T(3.75));
#if BITS == 64
  T p = 4.25147144479638978e-10;
  p = FMA(p, t, 3.1114333809799252e-10);
  p = FMA(p, t, -5.17399021401130963e-9);
  p = FMA(p, t, -3.74421008096201864e-9);
  p = FMA(p, t, 3.86753342422223568e-8);
  p = FMA(p, t, 2.32635087088591237e-8);
  p = FMA(p, t, -2.58668507161558854e-7);
  p = FMA(p, t, -5.72182306032240875e-8);
  p = FMA(p, t, 1.75163764884906214e-6);
  p = FMA(p, t, -9.73559896736774934e-7);
  p = FMA(p, t, -0.0000114441462377005234);
  p = FMA(p, t, 0.0000223842391550822298);
  p = FMA(p, t, 0.0000516490988926824034);
  p = FMA(p, t, -0.000290154080540841711);
  p = FMA(p, t, 0.00029371366559134482);
  p = FMA(p, t, 0.00175562585289529536);
  p = FMA(p, t, -0.00974657955802927553);
  p = FMA(p, t, 0.0283622774189564043);
  p = FMA(p, t, -0.0586933985896367741);
  p = FMA(p, t, 0.0923043211603774778);
  p = FMA(p, t, -0.108803930141748857);
  p = FMA(p, t, 0.0822767384901452077);
  p = FMA(p, t, 0.00358541548546442937);
  p = FMA(p, t, -0.140240598585546962);
  p = FMA(p, t, 1.23751263083782758);
#else
  T p = 2.204671891e-5f;
  p = FMA(p, t, -0.0002241167467f);
  p = FMA(p, t, 0.0003301674563f);
  p = FMA(p, t, 0.001675912218f);
  p = FMA(p, t, -0.009770087183f);
  p = FMA(p, t, 0.02840925236f);
  p = FMA(p, t, -0.05868544049f);
  p = FMA(p, t, 0.09229076959f);
  p = FMA(p, t, -0.1088052275f);
  p = FMA(p, t, 0.08227841998f);
  p = FMA(p, t, 0.003585495314f);
  p = FMA(p, t, -0.1402406583f);
  p = FMA(p, t, 1.23751263f);
#endif
  return T(0.5) * p / (T(0.5) + x);
}

#define exp(x) gm_exp(x)
#define exp_down(x) gm_exp_down(x)
#define expm1(x) gm_expm1(x)
#define log(x) gm_log(x)
#define log1p(x) gm_log1p(x)
#define tanh(x) gm_tanh(x)
#define sinh(x) gm_sinh(x)
#define cosh(x) gm_cosh(x)
#define erfcx(x) gm_erfcx(x)
/* glibc has these for whole vectors too; the declaration lets the compiler use them (4 ulp). */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#if __GLIBC_PREREQ(2, 22)
#define VECTOR __attribute__((simd("notinbranch")))
VECTOR T FUNCTION(sin)(T);
VECTOR T FUNCTION(cos)(T);
VECTOR T FUNCTION(pow)(T, T);
#endif
#if __GLIBC_PREREQ(2, 35)
VECTOR T FUNCTION(tan)(T);
VECTOR T FUNCTION(atan)(T);
#endif
#endif
#define sin(x) FUNCTION(sin)(x)
#define cos(x) FUNCTION(cos)(x)
#define tan(x) FUNCTION(tan)(x)
#define atan(x) FUNCTION(atan)(x)
#define pow(x, y) FUNCTION(pow)(x, y)
#define sqrt(x) FUNCTION(sqrt)(x)
#define floor(x) FUNCTION(floor)(x)
#define fabs(x) FUNCTION(fabs)(x)
#define copysign(x, y) FUNCTION(copysign)(x, y)
