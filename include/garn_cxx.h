/* garn for C++ (C++17 and newer): included by garn.h, not by hand. The same names and meanings as in C; here most of
 * them are functions and types of the namespace garn, which the short names refer to.
 *
 *   go(fn, args...)         any function, function pointer, member function or lambda
 *   chan(T)                 garn::chan<T>, a handle of one pointer: the same thing as chan(T) in a C file
 *   chan_make(T, cap)       where T has a comma: garn::chan_make<T>(cap)
 *
 * What crosses from one goroutine to another (arguments, captures, values in channels) is copied as bytes. So
 * it must be trivially copyable; anything else is passed by pointer. An exception that leaves
 * a goroutine's function ends the process through std::terminate, as it does with std::thread. garn_goexit runs no destructors.
 */
#ifndef GARN_CXX_H
#define GARN_CXX_H

#ifndef GARN_H
#error "include <garn.h>"
#endif
#if __cplusplus < 201703L
#error "garn: C++17 or newer is needed: -std=c++17"
#else

#include <functional>
#include <new>
#include <type_traits>
#include <utility>

namespace garn {

/* ---- go ---------------------------------------------------------------------------------------- */

namespace detail {

template <class T> struct same {
	using type = T;
};
/* A parameter that takes no part in deduction: the argument is converted to it, as in a plain call. */
template <class T> using as_is = typename same<T>::type;

template <class T> using stored = std::remove_cv_t<std::remove_reference_t<T>>;

/* The arguments of a call, side by side; std::tuple is not trivially copyable. */
template <std::size_t I, class T> struct leaf {
	T v;
};
template <class Seq, class... T> struct pack;
template <std::size_t... I, class... T> struct pack<std::index_sequence<I...>, T...> : leaf<I, T>... {
	explicit pack(T... v) : leaf<I, T>{ std::move(v) }... {}
};
template <std::size_t I, class T> T &get(leaf<I, T> &l)
{
	return l.v;
}

template <class Fn, class... T> struct call {
	using seq = std::index_sequence_for<T...>;
	Fn fn;
	pack<seq, T...> args;
	/* As is the type a value is handed over as: its own, or the reference the function wants. */
	template <class... As, std::size_t... I> void invoke(std::index_sequence<I...>)
	{
		static_cast<void>(std::invoke(std::forward<Fn>(fn), static_cast<As>(get<I>(args))...));
	}
};

/* The new goroutine's first function; the call is a copy on its own stack. */
template <class Call, class... As> void thunk(void *p)
{
	Call *c = static_cast<Call *>(p);
	c->template invoke<As...>(typename Call::seq());
}

template <class Call> constexpr bool fits()
{
	static_assert(std::is_trivially_copyable_v<Call>,
	              "go: the function and its arguments must be trivially copyable: pass others by pointer");
	static_assert(sizeof(Call) <= 256, "go: the function and its arguments are over 256 bytes");
	static_assert(alignof(Call) <= 16, "go: an argument with an alignment over 16 bytes");
	return std::is_trivially_copyable_v<Call> && sizeof(Call) <= 256 && alignof(Call) <= 16;
}

/* Always inlined: a trace then says that the user's function created the goroutine. */
template <class... As, class Call>
[[gnu::always_inline]] inline void start(const garn_attr *attr, const Call &c)
{
	if constexpr (fits<Call>())
		garn_spawn_copy(attr, thunk<Call, As...>, &c, sizeof(c));
}

/* Can a function with this parameter get a stored value? Not what would change a variable of the caller's. */
template <class P>
constexpr bool simple = (!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>)&&
	std::is_trivially_copyable_v<stored<P>>;

template <class F> struct plain : std::false_type {};
template <class R, class... P> struct plain<R (*)(P...)> : std::bool_constant<(simple<P> && ...)> {};
template <class R, class... P> struct plain<R (*)(P...) noexcept> : std::bool_constant<(simple<P> && ...)> {};

/* How a parameter gets its stored value: by value moved out of the store, by reference to the store. */
template <class P> using handed = std::conditional_t<std::is_reference_v<P>, P, stored<P> &&>;

/* A function or a pointer to one whose parameters can all be stored: the arguments are converted now, by the caller. */
template <class R, class... P>
[[gnu::always_inline]] inline void spawn(const garn_attr *attr, R (*fn)(P...), as_is<P> &&...a)
{
	using args = pack<std::index_sequence_for<P...>, stored<P>...>;
	start<handed<P>...>(attr, call<R (*)(P...), stored<P>...>{ fn, args(static_cast<as_is<P> &&>(a)...) });
}

/* Anything else that can be called: the arguments are copied as they are, and converted by the call itself. */
template <class F, class... A>
[[gnu::always_inline]] inline void spawn_any(const garn_attr *attr, F &&fn, A &&...a)
{
	using args = pack<std::index_sequence_for<A...>, std::decay_t<A>...>;
	static_assert(std::is_invocable_v<std::decay_t<F>, std::decay_t<A>...>,
	              "go: the function cannot be called with copies of these arguments "
	              "(for a parameter that is a reference: std::ref, or a pointer)");
	if constexpr (std::is_invocable_v<std::decay_t<F>, std::decay_t<A>...>)
		start<std::decay_t<A> &&...>(attr, call<std::decay_t<F>, std::decay_t<A>...>{
			std::forward<F>(fn), args(std::forward<A>(a)...) });
}

template <class F> using if_not_plain = std::enable_if_t<!plain<std::decay_t<F>>::value, int>;
template <class... P> using if_plain = std::enable_if_t<(simple<P> && ...), int>;

} // namespace detail

/* go(fn, args...): start fn(args...) in a new goroutine. parks: no. threads: any. */
template <class R, class... P, detail::if_plain<P...> = 0>
[[gnu::always_inline]] inline void go(R (*fn)(P...), detail::as_is<P>... a)
{
	detail::spawn(nullptr, fn, static_cast<P &&>(a)...);
}
template <class F, class... A, detail::if_not_plain<F> = 0>
[[gnu::always_inline]] inline void go(F &&fn, A &&...a)
{
	detail::spawn_any(nullptr, std::forward<F>(fn), std::forward<A>(a)...);
}

/* garn_attr(.stack = GARN_MB(8)) without a warning for what is left out. */
#undef garn_attr
struct attr {
	std::size_t stack = 0;
	const char *name = nullptr;
	bool pack = false;
	operator garn_attr() const { return { stack, name, pack }; }
};
#define garn_attr(...) (__extension__ ::garn::attr{ __VA_ARGS__ })

/* The same with attributes: go_with(garn_attr(.stack = GARN_MB(8), .name = "parser"), fn, args...). */
template <class R, class... P, detail::if_plain<P...> = 0>
[[gnu::always_inline]] inline void go_with(const garn_attr &attr, R (*fn)(P...), detail::as_is<P>... a)
{
	detail::spawn(&attr, fn, static_cast<P &&>(a)...);
}
template <class F, class... A, detail::if_not_plain<F> = 0>
[[gnu::always_inline]] inline void go_with(const garn_attr &attr, F &&fn, A &&...a)
{
	detail::spawn_any(&attr, std::forward<F>(fn), std::forward<A>(a)...);
}

/* ---- Channels ---------------------------------------------------------------------------------- */

/* A channel of T: a handle, copied freely; references are counted by hand, with ref and unref. */
template <class T> class chan {
public:
	chan() = default;
	constexpr chan(std::nullptr_t) noexcept {}
	constexpr explicit chan(garn_chan *c) noexcept : c_(c) {}
	constexpr garn_chan *raw() const noexcept { return c_; }
	constexpr explicit operator bool() const noexcept { return c_ != nullptr; }
	friend constexpr bool operator==(chan a, chan b) noexcept { return a.c_ == b.c_; }
	friend constexpr bool operator!=(chan a, chan b) noexcept { return a.c_ != b.c_; }

private:
	garn_chan *c_ = nullptr;
};

namespace detail {

template <class T> constexpr bool element()
{
	static_assert(std::is_object_v<T> && !std::is_array_v<T> && std::is_same_v<T, std::remove_cv_t<T>> &&
	              std::is_trivially_copyable_v<T>,
	              "chan: values are copied as bytes: the type must be trivially copyable, neither const nor an array");
	return true;
}

/* Room for a value that has not come yet. */
template <class T> union slot {
	slot() {}
	unsigned char none;
	T v;
};

} // namespace detail

template <class T> chan<T> chan_make(std::size_t cap = 0)
{
	static_assert(detail::element<T>());
	return chan<T>(garn_chan_make(sizeof(T), cap));
}
template <class T> void chan_send(chan<T> c, const detail::as_is<T> &v)
{
	static_assert(detail::element<T>());
	garn_chan_send(c.raw(), &v);
}
template <class T> bool chan_try_send(chan<T> c, const detail::as_is<T> &v)
{
	static_assert(detail::element<T>());
	return garn_chan_try_send(c.raw(), &v);
}
template <class T> T chan_recv(chan<T> c)
{
	static_assert(detail::element<T>());
	detail::slot<T> s;
	garn_chan_recv(c.raw(), &s.v);
	return s.v;
}
template <class T> bool chan_recv_ok(chan<T> c, detail::as_is<T> *out)
{
	static_assert(detail::element<T>());
	return garn_chan_recv(c.raw(), out);
}
template <class T> bool chan_try_recv(chan<T> c, detail::as_is<T> *out)
{
	static_assert(detail::element<T>());
	return garn_chan_try_recv(c.raw(), out);
}
template <class T> void chan_close(chan<T> c)
{
	garn_chan_close(c.raw());
}
template <class T> std::size_t chan_len(chan<T> c)
{
	return garn_chan_len(c.raw());
}
template <class T> std::size_t chan_cap(chan<T> c)
{
	return garn_chan_cap(c.raw());
}
template <class T> chan<T> chan_ref(chan<T> c)
{
	return chan<T>(garn_chan_ref(c.raw()));
}
template <class T> void chan_unref(chan<T> c)
{
	garn_chan_unref(c.raw());
}

/* ---- Select ------------------------------------------------------------------------------------ */

namespace detail {

struct clause {
	garn_case c;
	garn_case get() const { return c; }
};
/* A send has its value with it, until the select is over. */
template <class T> struct send_clause {
	garn_chan *c;
	T v;
	garn_case get() { return garn_case{ GARN_CASE_SEND, c, &v, nullptr, 0 }; }
};

template <class C> garn_case clause_of(C &&c)
{
	return c.get();
}

} // namespace detail

template <class T> detail::clause on_recv(chan<T> c, detail::as_is<T> *out, bool *ok = nullptr)
{
	static_assert(detail::element<T>());
	return { { GARN_CASE_RECV, c.raw(), out, ok, 0 } };
}
template <class T> detail::send_clause<T> on_send(chan<T> c, const detail::as_is<T> &v)
{
	static_assert(detail::element<T>());
	return { c.raw(), v };
}
inline detail::clause on_timeout(int64_t ns)
{
	return { { GARN_CASE_TIMEOUT, nullptr, nullptr, nullptr, ns } };
}
inline constexpr detail::clause on_default = { { GARN_CASE_DEFAULT, nullptr, nullptr, nullptr, 0 } };

/* chan_select(on_recv(c, &v), on_send(d, x), on_timeout(ns), on_default): the position of the one that went. */
template <class... C> int chan_select(C &&...clauses)
{
	if constexpr (sizeof...(C) == 0) {
		return garn_select(nullptr, 0);
	} else {
		garn_case cases[] = { detail::clause_of(clauses)... };
		return garn_select(cases, sizeof...(C));
	}
}

} // namespace garn

/* ---- What garn.h declares for C with chan(T) in it ------------------------------------------------ */

extern "C" {
garn_chan *garn_cxx_after(int64_t ns) __asm__("garn_after");
garn_chan *garn_cxx_ticker_start(garn_ticker *k, int64_t ns) __asm__("garn_ticker_start");
void garn_ticker_stop(garn_ticker *k);
garn_chan *garn_cxx_notify(int sig) __asm__("garn_notify");
void garn_cxx_notify_stop(garn_chan *c) __asm__("garn_notify_stop");
}
inline garn::chan<int64_t> garn_after(int64_t ns)
{
	return garn::chan<int64_t>(garn_cxx_after(ns));
}
inline garn::chan<int64_t> garn_ticker_start(garn_ticker *k, int64_t ns)
{
	return garn::chan<int64_t>(garn_cxx_ticker_start(k, ns));
}
inline garn::chan<int> garn_notify(int sig)
{
	return garn::chan<int>(garn_cxx_notify(sig));
}
inline void garn_notify_stop(garn::chan<int> c)
{
	garn_cxx_notify_stop(c.raw());
}

/* ---- The long names of the macros in C ------------------------------------------------------------ */

#define garn_go(...) ::garn::go(__VA_ARGS__)
#define garn_go_with(...) ::garn::go_with(__VA_ARGS__)
#define garn_chan_of(...) ::garn::chan<__VA_ARGS__>
#define garn_make(T, cap) ::garn::chan_make<T>(cap)
#define garn_send_chan(...) ::garn::chan_send(__VA_ARGS__)
#define garn_try_send(...) ::garn::chan_try_send(__VA_ARGS__)
#define garn_recv_chan(c) ::garn::chan_recv(c)
#define garn_recv_ok(c, p) ::garn::chan_recv_ok(c, p)
#define garn_try_recv(c, p) ::garn::chan_try_recv(c, p)
#define garn_close_chan(c) ::garn::chan_close(c)
#define garn_len(c) ::garn::chan_len(c)
#define garn_cap(c) ::garn::chan_cap(c)
#define garn_ref(c) ::garn::chan_ref(c)
#define garn_unref(c) ::garn::chan_unref(c)
#define garn_select_cases(...) ::garn::chan_select(__VA_ARGS__)
#define garn_case_recv(...) ::garn::on_recv(__VA_ARGS__)
#define garn_case_send(...) ::garn::on_send(__VA_ARGS__)
#define garn_case_timeout(ns) ::garn::on_timeout(ns)
#define garn_case_default ::garn::on_default

/* ---- Short names: functions, not macros, where they can be --------------------------------------- */

#ifndef GARN_NO_SHORT_NAMES
using garn::chan_cap;
using garn::chan_close;
using garn::chan_len;
using garn::chan_recv;
using garn::chan_recv_ok;
using garn::chan_ref;
using garn::chan_select;
using garn::chan_send;
using garn::chan_try_recv;
using garn::chan_try_send;
using garn::chan_unref;
using garn::go;
using garn::go_with;
using garn::on_default;
using garn::on_recv;
using garn::on_send;
using garn::on_timeout;
#define chan(...) ::garn::chan<__VA_ARGS__>
#define chan_make(T, cap) ::garn::chan_make<T>(cap)
#endif

#endif /* C++17 */
#endif /* GARN_CXX_H */
