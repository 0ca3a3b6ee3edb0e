// Exceptions: each goroutine has its own, though C++ keeps them with the thread. A goroutine waits inside catch, or
// in a destructor that an exception runs, and others throw and catch on the same thread meanwhile.
// FLAGS: -O2
// FLAGS: -O0
// FLAGS: -O2 -static-libstdc++ -static-libgcc
#include "test.h"

#include <garn.h>

#include <exception>
#include <stdexcept>
#include <string>

struct oops {
	int id, depth;
};

static garn_waitgroup wg;
static int alive; // objects that a destructor must end

struct object {
	object() { __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED); }
	~object() { __atomic_fetch_sub(&alive, 1, __ATOMIC_RELAXED); }
	object(const object &) = delete;
	object &operator=(const object &) = delete;
};

static void waitabit(unsigned how)
{
	switch (how % 4) {
	case 0: garn_yield(); break;
	case 1: garn_sleep(GARN_US(how % 50)); break;
	case 2: {
		auto c = chan_make(int, 0);
		go([](chan(int) to) { chan_send(to, 1); }, c);
		chan_recv(c);
		chan_unref(c);
		break;
	}
	case 3: break;
	}
}

static void fall(int id, int depth)
{
	object o;
	if (depth == 0)
		throw oops{ id, 7 };
	waitabit(static_cast<unsigned>(id + depth));
	fall(id, depth - 1);
}

// Throws, waits inside the catch, rethrows what it had, catches again; n levels of catch at once.
static void nest(int id, int n)
{
	try {
		fall(id * 100 + n, n % 4);
	} catch (const oops &e) {
		std::exception_ptr mine = std::current_exception();
		CHECK_EQ(e.id, id * 100 + n);
		waitabit(static_cast<unsigned>(id + n));
		CHECK_EQ(e.id, id * 100 + n);
		CHECK(std::current_exception() == mine);
		if (n > 0)
			nest(id, n - 1);
		CHECK(std::current_exception() == mine);
		waitabit(static_cast<unsigned>(id * 3 + n));
		try {
			throw;
		} catch (const oops &again) {
			waitabit(static_cast<unsigned>(id * 5 + n));
			CHECK_EQ(again.id, id * 100 + n);
			CHECK(&again == &e && std::current_exception() == mine);
		}
		CHECK(std::current_exception() == mine);
	}
	CHECK_EQ(std::uncaught_exceptions(), 0);
}

// Waits while the exception is still looking for its catch.
struct dawdler {
	int id;
	~dawdler()
	{
		int before = std::uncaught_exceptions();
		CHECK_EQ(before, 1);
		for (unsigned i = 0; i < 4; i++) {
			waitabit(static_cast<unsigned>(id) + i);
			CHECK_EQ(std::uncaught_exceptions(), before);
		}
		try { // an exception of its own inside
			throw std::runtime_error("inner");
		} catch (const std::exception &e) {
			waitabit(static_cast<unsigned>(id));
			CHECK_STR(e.what(), "inner");
		}
		CHECK_EQ(std::uncaught_exceptions(), before);
	}
};

static void unwinding(int id)
{
	try {
		dawdler d{ id };
		throw std::string("gone with " + std::to_string(id));
	} catch (const std::string &s) {
		waitabit(static_cast<unsigned>(id));
		CHECK(s == "gone with " + std::to_string(id));
	}
}

static void worker(int id)
{
	CHECK(!std::current_exception());
	CHECK_EQ(std::uncaught_exceptions(), 0);
	for (int i = 0; i < 5; i++) {
		nest(id, 3);
		unwinding(id);
	}
	CHECK(!std::current_exception());
	garn_waitgroup_done(&wg);
}

static void crowd()
{
	const int n = T_SCALED(100) + 8;
	garn_waitgroup_add(&wg, n);
	for (int i = 0; i < n; i++)
		go(worker, i);
	garn_waitgroup_wait(&wg);
	CHECK_EQ(alive, 0);
}

// One waits in its catch, another throws and waits in its own; the first goes on first, then the second: as a
// stack, which is what the thread keeps, this order is impossible.
static void crossed()
{
	auto a = chan_make(int, 0), b = chan_make(int, 0);
	auto one = [](chan(int) in, chan(int) out, int id) {
		try {
			throw oops{ id, 0 };
		} catch (const oops &e) {
			chan_send(out, e.id);
			CHECK_EQ(chan_recv(in), id);
			try {
				throw;
			} catch (const oops &f) {
				CHECK_EQ(f.id, id);
			}
		}
		CHECK(!std::current_exception());
		chan_send(out, -id);
	};
	auto a2 = chan_make(int, 0), b2 = chan_make(int, 0);
	go(one, a, a2, 1);
	CHECK_EQ(chan_recv(a2), 1);
	go(one, b, b2, 2);
	CHECK_EQ(chan_recv(b2), 2);
	CHECK(!std::current_exception());
	chan_send(a, 1);
	CHECK_EQ(chan_recv(a2), -1);
	chan_send(b, 2);
	CHECK_EQ(chan_recv(b2), -2);
	chan_unref(a), chan_unref(b), chan_unref(a2), chan_unref(b2);
}

static void fresh(int *dirty)
{
	if (std::current_exception() || std::uncaught_exceptions() != 0)
		__atomic_store_n(dirty, 1, __ATOMIC_RELAXED);
	garn_waitgroup_done(&wg);
}

// The address sanitizer would report the exceptions that are left behind here on purpose.
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define LEAKS_FOUND
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define LEAKS_FOUND
#endif
#ifdef LEAKS_FOUND
#include <sanitizer/lsan_interface.h>
#else
static void __lsan_disable() {}
static void __lsan_enable() {}
#endif

static void leaves()
{
	try {
		__lsan_disable();
		throw std::runtime_error("left behind");
	} catch (...) {
		__lsan_enable();
		garn_waitgroup_done(&wg);
		garn_goexit();
	}
}

// A goroutine made inside a catch, or run on a thread after one that ended inside a catch, starts with none. Nobody waits
// in between: the main goroutine sleeps until all have run.
static void clean()
{
	int dirty = 0;
	for (int i = 0; i < 20; i++) {
		try {
			throw oops{ i, 0 };
		} catch (const oops &) {
			garn_waitgroup_add(&wg, 1);
			go(fresh, &dirty);
			garn_waitgroup_wait(&wg);
			CHECK(std::current_exception());
		}
		CHECK(!dirty);
		garn_waitgroup_add(&wg, 31);
		for (int j = 0; j < 10; j++) {
			go(fresh, &dirty);
			go(leaves);
			go(fresh, &dirty);
		}
		go(fresh, &dirty);
		garn_waitgroup_wait(&wg);
		CHECK(!dirty);
	}
}

// An exception carried to another goroutine.
static void carried()
{
	auto c = chan_make(std::exception_ptr *, 0);
	go([](chan(std::exception_ptr *) to) {
		std::exception_ptr p;
		try {
			throw std::out_of_range("carried");
		} catch (...) {
			p = std::current_exception();
		}
		chan_send(to, &p);
		chan_send(to, nullptr); // p lives until here
	}, c);
	try {
		std::rethrow_exception(*chan_recv(c));
	} catch (const std::out_of_range &e) {
		garn_yield();
		CHECK_STR(e.what(), "carried");
	}
	CHECK(chan_recv(c) == nullptr);
	chan_unref(c);
}

int main()
{
	crossed();
	clean();
	carried();
	crowd();
	garn_lock_os_thread();
	garn_waitgroup_add(&wg, 1);
	worker(1);
	garn_unlock_os_thread();
	return 0;
}
