#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

/// AddressSanitizer gives no memory, instead of ending the tests, where too much is asked for.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
