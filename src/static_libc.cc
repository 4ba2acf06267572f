// What OpenSSL and c-ares get for functions of libc that load shared objects at run time, which a static binary cannot
// count on. They name them for uses that are not made of them here: engines, BIOs that connect by themselves, names of
// services. The linker puts these in their place (--wrap, src/CMakeLists.txt), takes nothing of the name service switch
// from libc.a, and need not warn. Names are resolved by io/resolver.h.
#include <netdb.h>

#include <cerrno>
#include <cstddef>

extern "C" {

void* __wrap_dlopen(const char*, int);
int __wrap_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**);
void __wrap_freeaddrinfo(addrinfo*);
int __wrap_getnameinfo(const sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int);
hostent* __wrap_gethostbyname(const char*);
servent* __wrap_getservbyname(const char*, const char*);
int __wrap_getservbyport_r(int, const char*, servent*, char*, std::size_t, servent**);

void* __wrap_dlopen(const char*, int) { return nullptr; }
int __wrap_getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) { return EAI_FAIL; }
void __wrap_freeaddrinfo(addrinfo*) {}
int __wrap_getnameinfo(const sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int) { return EAI_FAIL; }
hostent* __wrap_gethostbyname(const char*) { return nullptr; }
servent* __wrap_getservbyname(const char*, const char*) { return nullptr; }
int __wrap_getservbyport_r(int, const char*, servent*, char*, std::size_t, servent** found) {
  *found = nullptr;
  return ENOENT;
}
}
