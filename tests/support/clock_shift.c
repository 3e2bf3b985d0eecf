/* Preloaded into a program, moves its wall clock by CLOCK_SHIFT_MS; the monotonic clock
 * is left alone. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int result = (int)syscall(SYS_clock_gettime, clock, out);
    const char *shift = getenv("CLOCK_SHIFT_MS");
    if (result == 0 && clock == CLOCK_REALTIME && shift) {
        long long ns = out->tv_nsec + atoll(shift) % 1000 * 1000000;
        out->tv_sec += (time_t)(atoll(shift) / 1000 + (ns >= 1000000000) - (ns < 0));
        out->tv_nsec = (long)((ns + 1000000000) % 1000000000);
    }
    return result;
}
