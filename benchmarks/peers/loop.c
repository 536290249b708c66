/* The limit: a loop on librdkafka in C, built like bare_tuned.py and linked to the very library that confluent-kafka brings.
 *
 *   loop SOURCE TARGET [c.NAME=VALUE | p.NAME=VALUE]...    settings of the consumer and the producer
 *
 * The wheel has the library without its header, so what is used of its interface is declared here. Text is reversed by code point;
 * headers are sent on as they are. A failed delivery ends it.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_conf_s rd_kafka_conf_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_headers_s rd_kafka_headers_t;
typedef struct rd_kafka_topic_partition_list_s rd_kafka_topic_partition_list_t;
typedef struct {
    int err;
    rd_kafka_topic_t *rkt;
    int32_t partition;
    void *payload;
    size_t len;
    void *key;
    size_t key_len;
    int64_t offset;
    void *_private;
} rd_kafka_message_t;

enum { PRODUCER = 0, CONSUMER = 1 };                                                    /* rd_kafka_type_t */
enum { V_END = 0, V_RKT = 2, V_VALUE = 4, V_KEY = 5, V_MSGFLAGS = 7, V_HEADERS = 10 }; /* rd_kafka_vtype_t */
enum { F_COPY = 2, QUEUE_FULL = -184 };

const char *rd_kafka_version_str(void);
const char *rd_kafka_err2str(int);
rd_kafka_conf_t *rd_kafka_conf_new(void);
int rd_kafka_conf_set(rd_kafka_conf_t *, const char *, const char *, char *, size_t);
void rd_kafka_conf_set_dr_msg_cb(rd_kafka_conf_t *, void (*)(rd_kafka_t *, const rd_kafka_message_t *, void *));
rd_kafka_t *rd_kafka_new(int, rd_kafka_conf_t *, char *, size_t);
rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *, const char *, void *);
int rd_kafka_poll(rd_kafka_t *, int);
int rd_kafka_poll_set_consumer(rd_kafka_t *);
rd_kafka_queue_t *rd_kafka_queue_get_consumer(rd_kafka_t *);
rd_kafka_topic_partition_list_t *rd_kafka_topic_partition_list_new(int);
void *rd_kafka_topic_partition_list_add(rd_kafka_topic_partition_list_t *, const char *, int32_t);
int rd_kafka_subscribe(rd_kafka_t *, const rd_kafka_topic_partition_list_t *);
rd_kafka_message_t *rd_kafka_consumer_poll(rd_kafka_t *, int);
ptrdiff_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *, int, rd_kafka_message_t **, size_t);
void rd_kafka_message_destroy(rd_kafka_message_t *);
int rd_kafka_message_headers(const rd_kafka_message_t *, rd_kafka_headers_t **);
rd_kafka_headers_t *rd_kafka_headers_copy(const rd_kafka_headers_t *);
void rd_kafka_headers_destroy(rd_kafka_headers_t *);
int rd_kafka_produce(rd_kafka_topic_t *, int32_t, int, void *, size_t, const void *, size_t, void *);
int rd_kafka_producev(rd_kafka_t *, ...);
int rd_kafka_last_error(void);
int rd_kafka_flush(rd_kafka_t *, int);
int rd_kafka_commit(rd_kafka_t *, const rd_kafka_topic_partition_list_t *, int);
int rd_kafka_consumer_close(rd_kafka_t *);

enum { BATCH = 1000, LONGEST = 1 << 20 };
static const double COMMIT_SECONDS = 0.5;

static volatile sig_atomic_t running = 1;

static void stop(int number) {
    (void)number;
    running = 0;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client, (void)opaque;
    if (message->err) fail("a delivery failed", rd_kafka_err2str(message->err));
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

/* UTF-8, by code point: each one's bytes keep their order. */
static void reverse(const unsigned char *in, size_t length, unsigned char *out) {
    size_t at = 0;
    while (at < length) {
        size_t size = 1;
        while (at + size < length && (in[at + size] & 0xC0) == 0x80) size++;
        memcpy(out + length - at - size, in + at, size);
        at += size;
    }
}

static rd_kafka_t *client(int type, char prefix, char **settings) {
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (char **setting = settings; *setting; setting++) {
        char name[256], *split = strchr(*setting, '=');
        if (**setting != prefix || !split) continue;
        snprintf(name, sizeof name, "%.*s", (int)(split - *setting - 2), *setting + 2);
        if (rd_kafka_conf_set(conf, name, split + 1, why, sizeof why)) fail(name, why);
    }
    if (type == PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t *made = rd_kafka_new(type, conf, why, sizeof why);
    if (!made) fail("client", why);
    return made;
}

static void produce(rd_kafka_t *producer, rd_kafka_topic_t *target, const rd_kafka_message_t *message, void *value) {
    rd_kafka_headers_t *headers = NULL;
    int error;
    if (rd_kafka_message_headers(message, &headers)) headers = NULL; /* it has none */
    do {
        if (headers) {
            rd_kafka_headers_t *copy = rd_kafka_headers_copy(headers); /* the producer owns it unless it refuses */
            error = rd_kafka_producev(producer, V_RKT, target, V_MSGFLAGS, F_COPY, V_VALUE, value, message->len, V_KEY, message->key,
                                      message->key_len, V_HEADERS, copy, V_END);
            if (error) rd_kafka_headers_destroy(copy);
        } else {
            error = rd_kafka_produce(target, -1, F_COPY, value, message->len, message->key, message->key_len, NULL)
                        ? rd_kafka_last_error() : 0;
        }
        if (error == QUEUE_FULL) rd_kafka_poll(producer, 5);
        else if (error) fail("produce", rd_kafka_err2str(error));
    } while (error);
}

int main(int count, char **arguments) {
    static unsigned char value[LONGEST];
    if (count < 3) fail("usage", "loop SOURCE TARGET [c.NAME=VALUE | p.NAME=VALUE]...");
    printf("librdkafka %s\n", rd_kafka_version_str());
    rd_kafka_t *consumer = client(CONSUMER, 'c', arguments + 3), *producer = client(PRODUCER, 'p', arguments + 3);
    rd_kafka_topic_t *target = rd_kafka_topic_new(producer, arguments[2], NULL);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, arguments[1], -1);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    signal(SIGTERM, stop);
    if (rd_kafka_subscribe(consumer, topics)) fail("subscribe", arguments[1]);

    double due = now() + COMMIT_SECONDS;
    while (running) {
        rd_kafka_message_t *messages[BATCH];
        ptrdiff_t taken = 0;
        if ((messages[0] = rd_kafka_consumer_poll(consumer, 100))) {
            taken = 1 + rd_kafka_consume_batch_queue(queue, 0, messages + 1, BATCH - 1);
        }
        for (ptrdiff_t i = 0; i < taken; i++) {
            if (messages[i]->err) fail("consume", rd_kafka_err2str(messages[i]->err));
            reverse(messages[i]->payload, messages[i]->len, value);
            produce(producer, target, messages[i], value);
            rd_kafka_message_destroy(messages[i]);
        }
        rd_kafka_poll(producer, 0);
        if (now() > due) {
            rd_kafka_flush(producer, 10000);
            rd_kafka_commit(consumer, NULL, 1);
            due = now() + COMMIT_SECONDS;
        }
    }
    rd_kafka_flush(producer, 10000);
    rd_kafka_commit(consumer, NULL, 0);
    rd_kafka_consumer_close(consumer);
    return 0;
}
