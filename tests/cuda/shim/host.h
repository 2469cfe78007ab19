// Runs CUDA kernels on the host, one thread after the other, block after block.
//
// A kernel without barriers runs thread by thread.  One with barriers runs each thread as a fiber
// that stops at __syncthreads() until all others of its block have got there; between barriers the
// threads run in ascending or in descending order, so a missing barrier shows in one of the two.
// Shared memory is full of NaN when a block starts.
#pragma once
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <math.h>
#include <type_traits>
#include <utility>
#include <vector>
#include <ucontext.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif
#include "crt/host_defines.h"

struct HostDim { unsigned x = 1, y = 1, z = 1; };
inline HostDim threadIdx, blockIdx, blockDim, gridDim;

extern "C" char __start_shared_memory[] __attribute__((weak));
extern "C" char __stop_shared_memory[] __attribute__((weak));

namespace host {

template <class To, class From> inline To bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "one size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

struct Fiber {
  ucontext_t context;
  std::vector<char> stack;
  bool done = false;
};
inline std::vector<Fiber> fibers;
inline ucontext_t scheduler;
inline unsigned current;
inline void (*thread_body)(void**);
inline void** thread_arguments;

inline void start() {
  thread_body(thread_arguments);
  fibers[current].done = true;
  swapcontext(&fibers[current].context, &scheduler);
}

inline void run_fibers(unsigned count, bool descending) {
  fibers.resize(count);
  for (auto& fiber : fibers) {
    fiber.done = false;
    fiber.stack.resize(1 << 16);
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.data();
    fiber.context.uc_stack.ss_size = fiber.stack.size();
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, start, 0);
  }
  for (bool left = true; left;) {
    left = false;
    for (unsigned k = 0; k < count; ++k) {
      current = descending ? count - 1 - k : k;
      if (fibers[current].done) continue;
      threadIdx.x = current;
      swapcontext(&scheduler, &fibers[current].context);
      left = left || !fibers[current].done;
    }
  }
}

// Flushes subnormal operands and results to zero while it lives, as -ftz=true does for float.
struct Flushing {
#if defined(__SSE__)
  unsigned before = _mm_getcsr();
  explicit Flushing(bool on) { if (on) _mm_setcsr(before | 0x8040); }
  ~Flushing() { _mm_setcsr(before); }
#elif defined(__aarch64__)
  uint64_t before;
  explicit Flushing(bool on) {
    asm volatile("mrs %0, fpcr" : "=r"(before));
    if (on) asm volatile("msr fpcr, %0" ::"r"(before | (1u << 24)));
  }
  ~Flushing() { asm volatile("msr fpcr, %0" ::"r"(before)); }
#else
#error "no way known to flush subnormal numbers on this processor"
#endif
};

inline void launch(void (*body)(void**), unsigned grid, unsigned block, void** arguments,
                   bool barriers, bool descending, bool flush) {
  Flushing flushing(flush);
  thread_body = body;
  thread_arguments = arguments;
  gridDim.x = grid;
  blockDim.x = block;
  for (unsigned b = 0; b < grid; ++b) {
    blockIdx.x = b;
    if (&__start_shared_memory)
      memset(__start_shared_memory, 0xff, __stop_shared_memory - __start_shared_memory);
    if (barriers) {
      run_fibers(block, descending);
    } else {
      for (unsigned k = 0; k < block; ++k) {
        threadIdx.x = descending ? block - 1 - k : k;
        body(arguments);
      }
    }
  }
}

// Calls a kernel with arguments given as CUDA's driver takes them: an address for each.
template <class... A, size_t... I>
inline void call(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_const_t<A>*>(arguments[I])...);
}
template <class... A> inline void call(void (*kernel)(A...), void** arguments) {
  call(kernel, arguments, std::index_sequence_for<A...>());
}

// exp(x^2) erfc(x) in long double, whose erfc is good to x = 100; from 26 on an asymptotic series.
inline double scaled_erfc(double x) {
  const long double y = x;
  if (x < 26) return (double)(expl(y * y) * erfcl(y));
  long double term = 1, sum = 1;
  for (int k = 1; k < 12; ++k) sum += term *= -(2 * k - 1) / (2 * y * y);
  return (double)(sum / (y * sqrtl(3.14159265358979323846264338327950288L)));
}

}  // namespace host

#define HOST_ENTRY(entry, kernel)                                                                \
  extern "C" void entry(unsigned grid, unsigned block, void** arguments, int barriers,           \
                        int descending, int flush) {                                             \
    host::launch([](void** a) { host::call(kernel, a); }, grid, block, arguments, barriers,      \
                 descending, flush);                                                             \
  }

inline void __syncthreads() {
  swapcontext(&host::fibers[host::current].context, &host::scheduler);
}
inline double erfcx(double x) { return host::scaled_erfc(x); }
inline float erfcx(float x) { return (float)host::scaled_erfc(x); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __float_as_int(float x) { return host::bits<int>(x); }
inline float __int_as_float(int x) { return host::bits<float>(x); }
inline long long __double_as_longlong(double x) { return host::bits<long long>(x); }
inline double __longlong_as_double(long long x) { return host::bits<double>(x); }
template <class N> inline N atomicCAS(N* at, N expected, N value) {
  const N old = *at;
  if (old == expected) *at = value;
  return old;
}
inline unsigned long long atomicAdd(unsigned long long* at, unsigned long long value) {
  return (*at += value) - value;
}
using std::max;
using std::min;

// CUDA's and CuPy's own headers, unchanged.
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#include <cupy/complex.cuh>
#include <cupy/carray.cuh>
#include <cupy/atomics.cuh>
#include <cupy/math_constants.h>
#include <cupy/float16.cuh>
#include <cupy/bfloat16.cuh>
