/* Has callgrind count during a call (see benchmarks/instructions.py); it needs the header of valgrind. */
#include <valgrind/callgrind.h>

void call_counted(void (*work)(void)) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    work();
    CALLGRIND_DUMP_STATS;
    CALLGRIND_STOP_INSTRUMENTATION;
}
