// The system's libffi.
#include <ffi.h>

// libffi describes types by global variables, which Swift takes for shared mutable state and so refuses to read. They
// are constants in all but name: ffi_prep_cif changes aggregates only.
static inline ffi_type *hero_ffi_void(void) { return &ffi_type_void; }
static inline ffi_type *hero_ffi_uint8(void) { return &ffi_type_uint8; }
static inline ffi_type *hero_ffi_sint32(void) { return &ffi_type_sint32; }
static inline ffi_type *hero_ffi_uint32(void) { return &ffi_type_uint32; }
static inline ffi_type *hero_ffi_sint64(void) { return &ffi_type_sint64; }
static inline ffi_type *hero_ffi_double(void) { return &ffi_type_double; }
static inline ffi_type *hero_ffi_pointer(void) { return &ffi_type_pointer; }
