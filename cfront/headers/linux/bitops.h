/* Operations on bits, for ctcheck. */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H
#include <linux/bits.h>
#include <linux/compiler.h>
#include <asm/barrier.h>

#define set_bit(nr, p) ((void)__ct_access("atomic_long_or", (p) + BIT_WORD(nr), BIT_MASK(nr)))
#define clear_bit(nr, p) ((void)__ct_access("atomic_long_andnot", (p) + BIT_WORD(nr), BIT_MASK(nr)))
#define change_bit(nr, p) ((void)__ct_access("atomic_long_xor", (p) + BIT_WORD(nr), BIT_MASK(nr)))
#define clear_bit_unlock(nr, p) \
	((void)__ct_access("atomic_long_fetch_andnot_release", (p) + BIT_WORD(nr), BIT_MASK(nr)))
#define test_and_set_bit(nr, p) \
	(!!((unsigned long)__ct_access("atomic_long_fetch_or", (p) + BIT_WORD(nr), BIT_MASK(nr)) & BIT_MASK(nr)))
#define test_and_set_bit_lock(nr, p) \
	(!!((unsigned long)__ct_access("atomic_long_fetch_or_acquire", (p) + BIT_WORD(nr), BIT_MASK(nr)) & \
	    BIT_MASK(nr)))
#define test_and_clear_bit(nr, p) \
	(!!((unsigned long)__ct_access("atomic_long_fetch_andnot", (p) + BIT_WORD(nr), BIT_MASK(nr)) & BIT_MASK(nr)))
#define test_bit(nr, p) \
	(!!((unsigned long)__ct_access("READ_ONCE", (p) + BIT_WORD(nr)) & BIT_MASK(nr)))

static inline unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long offset)
{
	while (offset < size && !(addr[BIT_WORD(offset)] & BIT_MASK(offset)))
		offset++;
	return offset;
}

#define find_first_bit(addr, size) find_next_bit((addr), (size), 0)
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = find_next_bit((addr), (size), 0); (bit) < (size); \
	     (bit) = find_next_bit((addr), (size), (bit) + 1))

static inline unsigned long __ffs(unsigned long word)
{
	unsigned long n = 0;

	while (!(word >> n & 1))
		n++;
	return n;
}

static inline int fls(unsigned int x)
{
	int n = 0;

	while (x) {
		x >>= 1;
		n++;
	}
	return n;
}

static inline int ffs(int x)
{
	return x ? (int)__ffs((unsigned int)x) + 1 : 0;
}

static inline unsigned int hweight32(unsigned int x)
{
	unsigned int n = 0;

	while (x) {
		n += x & 1;
		x >>= 1;
	}
	return n;
}

#endif
