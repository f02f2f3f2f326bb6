/* pipe.h: standard input as a source. */
#ifndef FRAUDTOP_SOURCE_PIPE_H
#define FRAUDTOP_SOURCE_PIPE_H

struct pipe;

struct pipe *pipe_new(int fd); /* the descriptor stays the caller's */

#endif
