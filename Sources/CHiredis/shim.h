// The system's hiredis: its reader of replies and its formatter of commands, nothing that opens a socket.
#include <hiredis/hiredis.h>
