/* A network with a delay: forwards TCP connections, and holds what it reads for a fixed time. No limit on bandwidth, order is kept.
 *
 *   delay_proxy LISTEN:TARGET...     ports of 127.0.0.1; one proxy serves all brokers
 *
 * Each line on stdin is a new delay of one way in microseconds; the end of stdin ends the proxy. Connecting costs no delay.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 256 << 10, EVENTS = 64, MOST_LISTENERS = 16 };

typedef struct Chunk {
    struct Chunk *next;
    int64_t due; /* nanoseconds; an empty chunk is the end of the stream */
    size_t size, sent;
    char data[];
} Chunk;

/* One end of a connection. What is read from it waits in `head` until it is due, and goes to `peer`. */
typedef struct End {
    struct Connection *connection;
    struct End *peer;
    Chunk *head, *tail;
    int descriptor, is_over, waits_for_room; /* is_over: nothing more is read; waits_for_room: the peer takes no more for now */
} End;

typedef struct Connection {
    End ends[2];
    struct Connection *next, *previous;
} Connection;

static Connection *connections;
static int epoll, listeners[MOST_LISTENERS], targets[MOST_LISTENERS], count;
static int64_t delay; /* nanoseconds */

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void watch(int descriptor, uint32_t events, void *data, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll, operation, descriptor, &event)) fail("epoll_ctl");
}

static struct sockaddr_in address(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void drop(Connection *gone) {
    for (End *end = gone->ends; end < gone->ends + 2; end++) {
        close(end->descriptor);
        for (Chunk *chunk = end->head, *next; chunk; chunk = next) next = chunk->next, free(chunk);
    }
    if (gone->previous) gone->previous->next = gone->next;
    else connections = gone->next;
    if (gone->next) gone->next->previous = gone->previous;
    free(gone);
}

static void accept_one(int number) {
    int on = 1, both[] = {accept(listeners[number], NULL, NULL), socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in to = address(targets[number]);
    if (both[0] < 0 || both[1] < 0) fail("accept");
    if (connect(both[1], (struct sockaddr *)&to, sizeof to)) { /* the broker is away */
        close(both[0]), close(both[1]);
        return;
    }
    Connection *made = calloc(1, sizeof *made);
    if (!made) fail("calloc");
    if ((made->next = connections)) connections->previous = made;
    connections = made;
    for (int i = 0; i < 2; i++) {
        made->ends[i] = (End){.connection = made, .peer = &made->ends[!i], .descriptor = both[i]};
        setsockopt(both[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(both[i], F_SETFL, O_NONBLOCK);
        watch(both[i], EPOLLIN, &made->ends[i], EPOLL_CTL_ADD);
    }
}

/* Watches for what the end is waiting for. */
static void watch_again(End *end) {
    watch(end->descriptor, (end->is_over ? 0 : EPOLLIN) | (end->peer->waits_for_room ? EPOLLOUT : 0), end, EPOLL_CTL_MOD);
}

/* Returns 0 if the connection is gone. */
static int receive(End *end) {
    static char buffer[CHUNK];
    ssize_t size = recv(end->descriptor, buffer, sizeof buffer, 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    Chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk) fail("malloc");
    *chunk = (Chunk){.due = now() + delay, .size = size};
    memcpy(chunk->data, buffer, size);
    if (end->head) end->tail->next = chunk;
    else end->head = chunk;
    end->tail = chunk;
    if (!size) end->is_over = 1, watch_again(end);
    return 1;
}

/* Sends on what is due. Returns 0 if the connection is gone. */
static int forward(End *end, int64_t at) {
    int waited = end->waits_for_room;
    end->waits_for_room = 0;
    while (end->head && end->head->due <= at && !end->waits_for_room) {
        Chunk *chunk = end->head;
        if (!chunk->size) return 0; /* what goes the other way has no reader */
        ssize_t sent = send(end->peer->descriptor, chunk->data + chunk->sent, chunk->size - chunk->sent, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return 0;
        if (sent > 0) chunk->sent += sent;
        if (chunk->sent < chunk->size) end->waits_for_room = 1;
        else end->head = chunk->next, free(chunk);
    }
    if (waited != end->waits_for_room) watch_again(end->peer);
    return 1;
}

/* Sends all that is due, and has the timer wake the proxy for the next. */
static void forward_due(int timer) {
    int64_t at = now(), next = 0;
    for (Connection *each = connections, *following; each; each = following) {
        following = each->next;
        if (!forward(&each->ends[0], at) || !forward(&each->ends[1], at)) {
            drop(each);
            continue;
        }
        for (End *end = each->ends; end < each->ends + 2; end++)
            if (end->head && !end->waits_for_room && (!next || end->head->due < next)) next = end->head->due;
    }
    struct itimerspec when = {.it_value = {next / 1000000000, next % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void read_delay(void) {
    char line[64];
    ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
    if (size <= 0) exit(0);
    line[size] = 0;
    delay = atoll(line) * 1000;
    puts("ok"), fflush(stdout);
}

int main(int argument_count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    epoll = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), on = 1;
    watch(timer, EPOLLIN, &timer, EPOLL_CTL_ADD);
    watch(STDIN_FILENO, EPOLLIN, &delay, EPOLL_CTL_ADD);
    for (count = 0; count + 1 < argument_count && count < MOST_LISTENERS; count++) {
        int port;
        if (sscanf(arguments[count + 1], "%d:%d", &port, &targets[count]) != 2) fail("usage: delay_proxy LISTEN:TARGET...");
        struct sockaddr_in own = address(port);
        listeners[count] = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(listeners[count], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(listeners[count], (struct sockaddr *)&own, sizeof own) || listen(listeners[count], 128)) fail("listen");
        watch(listeners[count], EPOLLIN, &listeners[count], EPOLL_CTL_ADD);
    }
    puts("ok"), fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            void *what = events[i].data.ptr;
            if (what == &delay) read_delay();
            else if (what == &timer) {
                uint64_t ticks;
                if (read(timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN) fail("timer");
            } else if ((int *)what >= listeners && (int *)what < listeners + count) accept_one((int *)what - listeners);
            else if (events[i].events & ~EPOLLOUT) {
                End *end = what;
                if (end->is_over || !receive(end)) { /* gone in both directions */
                    drop(end->connection);
                    break; /* an event of the other end may follow; the rest comes again */
                }
            }
        }
        forward_due(timer);
    }
}
