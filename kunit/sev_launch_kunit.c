// SPDX-License-Identifier: GPL-2.0
/*
 * Launches of plain SEV and SEV-ES guests, by the ioctls that a VMM calls.
 *
 * Without a session of the guest's owner the keys that firmware measures and
 * transports secrets with are zeros, so that a test can be the owner: measurement
 * and packets are computed here.
 */
#include <crypto/aes.h>
#include <crypto/sha2.h>
#include <linux/mman.h>
#include <linux/psp-sev.h>

#include "kvm_test.h"

#define NPAGES		3
#define LEN		(NPAGES * PAGE_SIZE)

#define POLICY_NODBG	BIT(0)
#define POLICY_ES	BIT(2)

/* States of a guest that GUEST_STATUS reports */
#define LUPDATE		1
#define LSECRET		2
#define RUNNING		3

#define KEY_LEN		16
#define MEASURE_LEN	48

struct packet {
	u32 flags;
	u8 iv[16];
	u8 mac[32];
} __packed;

static const u8 no_key[KEY_LEN];

static const struct type {
	const char *name;
	unsigned long type;
	u32 policy;
} types[] = {
	{ "SEV", KVM_X86_SEV_VM, 0 },
	{ "SEV-ES", KVM_X86_SEV_ES_VM, POLICY_ES },
};

KUNIT_ARRAY_PARAM_DESC(type, types, name);

static const struct type *type_of(struct kunit *test)
{
	return test->param_value;
}

static int init(struct kunit *test)
{
	int ret = kt_init(test);

	if (ret)
		return ret;
	if (!kt_has_vm_type(test, type_of(test)->type))
		kunit_skip(test, "this machine has no %s guests", type_of(test)->name);
	return 0;
}

/* The VM before LAUNCH_START, with memory and a vCPU; page n holds kt_pattern(n) */
static struct kt_vm *new_vm(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, type_of(test)->type);
	struct kvm_sev_init args = {};
	unsigned int i;
	void *page;

	KUNIT_ASSERT_EQ(test, 0, kt_sev(vm, KVM_SEV_INIT2, &args, sizeof(args), NULL));
	vm->npages = NPAGES;
	vm->hva = kt_mmap(test, LEN, PROT_READ | PROT_WRITE);
	vm->src = kt_mmap(test, LEN, PROT_READ | PROT_WRITE);
	page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < NPAGES; i++) {
		kt_pattern(page, i);
		kt_write(test, vm->hva + i * PAGE_SIZE, page, PAGE_SIZE);
	}
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, LEN, vm->hva, -1, 0));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	return vm;
}

static int start(struct kt_vm *vm, u32 policy, u32 *error)
{
	struct kvm_sev_launch_start args = { .policy = policy };

	return kt_sev(vm, KVM_SEV_LAUNCH_START, &args, sizeof(args), error);
}

static int update(struct kt_vm *vm, unsigned long uaddr, u32 len, u32 *error)
{
	struct kvm_sev_launch_update_data args = { .uaddr = uaddr, .len = len };

	return kt_sev(vm, KVM_SEV_LAUNCH_UPDATE_DATA, &args, sizeof(args), error);
}

static int update_vmsa(struct kt_vm *vm, u32 *error)
{
	return kt_sev_at(vm, KVM_SEV_LAUNCH_UPDATE_VMSA, 0, error);
}

/* MEASURE, into the buffer vm->src */
static int measure(struct kt_vm *vm, u32 *len, u32 *error)
{
	struct kvm_sev_launch_measure args = { .uaddr = vm->src, .len = *len };
	int ret = kt_sev(vm, KVM_SEV_LAUNCH_MEASURE, &args, sizeof(args), error);

	*len = args.len;
	return ret;
}

static int finish(struct kt_vm *vm, u32 *error)
{
	return kt_sev_at(vm, KVM_SEV_LAUNCH_FINISH, 0, error);
}

static int status(struct kt_vm *vm, struct kvm_sev_guest_status *s, u32 *error)
{
	return kt_sev(vm, KVM_SEV_GUEST_STATUS, s, sizeof(*s), error);
}

static int dbg(struct kt_vm *vm, u32 id, unsigned long src, unsigned long dst, u32 len, u32 *error)
{
	struct kvm_sev_dbg args = { .src_uaddr = src, .dst_uaddr = dst, .len = len };

	return kt_sev(vm, id, &args, sizeof(args), error);
}

static void expect_state(struct kt_vm *vm, u32 state)
{
	struct kvm_sev_guest_status s = {};
	u32 error = 0;

	KUNIT_EXPECT_EQ(vm->test, 0, status(vm, &s, &error));
	KUNIT_EXPECT_EQ(vm->test, state, s.state);
}

/* A launch up to some state, with all pages measured, and the vCPU where it has a VMSA */
static struct kt_vm *launched(struct kunit *test, u32 policy, u32 state)
{
	struct kt_vm *vm = new_vm(test);
	u32 len = MEASURE_LEN, error = 0;

	KUNIT_ASSERT_EQ(test, 0, start(vm, type_of(test)->policy | policy, &error));
	if (state == LUPDATE)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva, LEN, &error));
	if (type_of(test)->policy & POLICY_ES)
		KUNIT_ASSERT_EQ(test, 0, update_vmsa(vm, &error));
	KUNIT_ASSERT_EQ(test, 0, measure(vm, &len, &error));
	if (state == LSECRET)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, finish(vm, &error));
	return vm;
}

/* What was in user memory, as bytes */
static u8 *user_bytes(struct kt_vm *vm, unsigned long uaddr, size_t len)
{
	u8 *buf = kunit_kzalloc(vm->test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(vm->test, buf);
	kt_read(vm->test, uaddr, buf, len);
	return buf;
}

static u8 *plain_text(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, LEN, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < NPAGES; i++)
		kt_pattern(buf + i * PAGE_SIZE, i);
	return buf;
}

static void mac(const u8 *msg, size_t len, u8 out[SHA256_DIGEST_SIZE])
{
	hmac_sha256_usingrawkey(no_key, sizeof(no_key), msg, len, out);
}

/* The state of the guest after each step, and whose policy and handle they are */
static void states_of_a_launch(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct kvm_sev_guest_status s = {};
	u32 policy = type_of(test)->policy | POLICY_NODBG, len = MEASURE_LEN, error = 0, handle;

	KUNIT_ASSERT_EQ(test, 0, start(vm, policy, &error));
	KUNIT_EXPECT_EQ(test, 0, status(vm, &s, &error));
	KUNIT_EXPECT_EQ(test, LUPDATE, s.state);
	KUNIT_EXPECT_EQ(test, policy, s.policy);
	KUNIT_EXPECT_NE(test, 0, s.handle);
	handle = s.handle;
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva, LEN, &error));
	if (policy & POLICY_ES)
		KUNIT_ASSERT_EQ(test, 0, update_vmsa(vm, &error));
	expect_state(vm, LUPDATE);
	KUNIT_ASSERT_EQ(test, 0, measure(vm, &len, &error));
	expect_state(vm, LSECRET);
	KUNIT_ASSERT_EQ(test, 0, finish(vm, &error));
	KUNIT_EXPECT_EQ(test, 0, status(vm, &s, &error));
	KUNIT_EXPECT_EQ(test, RUNNING, s.state);
	KUNIT_EXPECT_EQ(test, policy, s.policy);
	KUNIT_EXPECT_EQ(test, handle, s.handle);
}

/* Pages are encrypted in place: the host's own view of them becomes cipher text */
static void update_encrypts_in_place(struct kunit *test)
{
	struct kt_vm *vm = launched(test, 0, LUPDATE);
	u8 *want = plain_text(test), *seen;
	u32 error = 0;

	/* The first and the last page, neither from its beginning nor to its end */
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva + 32, LEN - 48, &error));
	seen = user_bytes(vm, vm->hva, LEN);
	KUNIT_EXPECT_MEMEQ(test, want, seen, 32);
	KUNIT_EXPECT_MEMEQ(test, want + LEN - 16, seen + LEN - 16, 16);
	KUNIT_EXPECT_NE(test, 0, memcmp(want + 32, seen + 32, 16));
	KUNIT_EXPECT_NE(test, 0, memcmp(want + LEN - 32, seen + LEN - 32, 16));
	/* It comes back out with the guest's key. */
	KUNIT_ASSERT_EQ(test, 0, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva + 32, vm->src + 32,
				     LEN - 48, &error));
	KUNIT_EXPECT_MEMEQ(test, want + 32, user_bytes(vm, vm->src + 32, LEN - 48), LEN - 48);
}

/* What firmware refuses of a range; nothing is encrypted */
static void update_refuses(struct kunit *test)
{
	struct kt_vm *vm = launched(test, 0, LUPDATE);
	u8 *want = plain_text(test);
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, -EIO, update(vm, vm->hva + 8, 64, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_ADDRESS, error);
	KUNIT_EXPECT_EQ(test, -EIO, update(vm, vm->hva, 40, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_LEN, error);
	/* And KVM, before it comes to that */
	error = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, update(vm, vm->hva, 0, &error));
	KUNIT_EXPECT_EQ(test, -EINVAL, update(vm, -PAGE_SIZE, 2 * PAGE_SIZE, &error));
	KUNIT_EXPECT_EQ(test, 0, error);
	KUNIT_EXPECT_MEMEQ(test, want, user_bytes(vm, vm->hva, LEN), LEN);
	expect_state(vm, LUPDATE);
}

/*
 * HMAC over the version, the policy, the digest of all that was updated, and a
 * nonce of firmware's; whoever knows the key can check it.
 */
static void measurement(struct kunit *test)
{
	struct kt_vm *vm = launched(test, 0, LUPDATE);
	struct sev_user_data_status platform;
	struct {
		u8 context, major, minor, build;
		u32 policy;
		u8 digest[SHA256_DIGEST_SIZE];
		u8 nonce[16];
	} __packed msg = { .context = 4, .policy = type_of(test)->policy };
	u8 *want = plain_text(test), *blob, sum[SHA256_DIGEST_SIZE];
	u32 len = MEASURE_LEN, error = 0;
	int platform_error;

	KUNIT_ASSERT_EQ(test, 0, sev_platform_status(&platform, &platform_error));
	msg.major = platform.api_major;
	msg.minor = platform.api_minor;
	msg.build = platform.build;
	/* The order of the calls counts, not that of the addresses. */
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva + PAGE_SIZE, PAGE_SIZE, &error));
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva, PAGE_SIZE, &error));
	memcpy(want + 2 * PAGE_SIZE, want, PAGE_SIZE);
	sha256(want + PAGE_SIZE, 2 * PAGE_SIZE, msg.digest);
	KUNIT_ASSERT_EQ(test, 0, measure(vm, &len, &error));
	KUNIT_EXPECT_EQ(test, MEASURE_LEN, len);
	blob = user_bytes(vm, vm->src, MEASURE_LEN);
	memcpy(msg.nonce, blob + 32, sizeof(msg.nonce));
	mac((u8 *)&msg, sizeof(msg), sum);
	KUNIT_EXPECT_MEMEQ(test, sum, blob, sizeof(sum));
}

/* Too short, or none at all: the length comes back, and the launch is where it was */
static void measurement_length(struct kunit *test)
{
	struct kt_vm *vm = launched(test, 0, LUPDATE);
	u32 len = 0, error = 0;

	KUNIT_EXPECT_EQ(test, -EIO, measure(vm, &len, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_LEN, error);
	KUNIT_EXPECT_EQ(test, MEASURE_LEN, len);
	len = MEASURE_LEN - 1;
	KUNIT_EXPECT_EQ(test, -EIO, measure(vm, &len, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_LEN, error);
	error = 0;
	len = SEV_FW_BLOB_MAX_SIZE + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, measure(vm, &len, &error));
	KUNIT_EXPECT_EQ(test, 0, error);
	expect_state(vm, LUPDATE);
	len = MEASURE_LEN;
	KUNIT_EXPECT_EQ(test, 0, measure(vm, &len, &error));
}

/* A packet of the owner's: encrypted, and bound to the measurement */
static void make_packet(const u8 *measured, const u8 *secret, u32 len, struct packet *p, u8 *data)
{
	u8 ctr[AES_BLOCK_SIZE], stream[AES_BLOCK_SIZE], msg[1 + 4 + 16 + 8 + 64 + 32], *at = msg;
	struct aes_enckey key;
	u32 i, n;

	memset(p, 0, sizeof(*p));
	memset(p->iv, 0xa5, sizeof(p->iv));
	aes_prepareenckey(&key, no_key, sizeof(no_key));
	memcpy(ctr, p->iv, sizeof(ctr));
	for (i = 0; i < len; i++) {
		if (!(i % AES_BLOCK_SIZE)) {
			aes_encrypt(&key, stream, ctr);
			for (n = AES_BLOCK_SIZE; n-- && !++ctr[n]; )
				;
		}
		data[i] = secret[i] ^ stream[i % AES_BLOCK_SIZE];
	}
	*at++ = 1;
	at = memcpy(at, &p->flags, 4) + 4;
	at = memcpy(at, p->iv, 16) + 16;
	at = memcpy(at, &len, 4) + 4;
	at = memcpy(at, &len, 4) + 4;
	at = memcpy(at, data, len) + len;
	at = memcpy(at, measured, 32) + 32;
	mac(msg, at - msg, p->mac);
}

#define SECRET_LEN	32

static int give_secret(struct kt_vm *vm, const struct packet *p, const u8 *data, u32 at, u32 *error)
{
	struct kvm_sev_launch_secret args = {
		.hdr_uaddr = vm->src + PAGE_SIZE,
		.hdr_len = sizeof(*p),
		.guest_uaddr = vm->hva + at,
		.guest_len = SECRET_LEN,
		.trans_uaddr = vm->src + 2 * PAGE_SIZE,
		.trans_len = SECRET_LEN,
	};

	kt_write(vm->test, args.hdr_uaddr, p, sizeof(*p));
	kt_write(vm->test, args.trans_uaddr, data, SECRET_LEN);
	return kt_sev(vm, KVM_SEV_LAUNCH_SECRET, &args, sizeof(args), error);
}

static void secret_reaches_the_guest(struct kunit *test)
{
	static const u8 secret[SECRET_LEN] = "open sesame, said the owner";
	struct kt_vm *vm = launched(test, 0, LSECRET);
	u8 *before, data[SECRET_LEN], measured[32];
	struct packet p;
	u32 error = 0;

	kt_read(test, vm->src, measured, sizeof(measured));
	make_packet(measured, secret, SECRET_LEN, &p, data);
	/* One bit of anything, and it is not the owner's. */
	before = user_bytes(vm, vm->hva, LEN);
	p.mac[5] ^= 4;
	KUNIT_EXPECT_EQ(test, -EIO, give_secret(vm, &p, data, 0x140, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_BAD_MEASUREMENT, error);
	p.mac[5] ^= 4;
	data[7] ^= 1;
	KUNIT_EXPECT_EQ(test, -EIO, give_secret(vm, &p, data, 0x140, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_BAD_MEASUREMENT, error);
	data[7] ^= 1;
	KUNIT_EXPECT_EQ(test, -EIO, give_secret(vm, &p, data, 0x148, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_ADDRESS, error);
	KUNIT_EXPECT_MEMEQ(test, before, user_bytes(vm, vm->hva, LEN), LEN);

	KUNIT_EXPECT_EQ(test, 0, give_secret(vm, &p, data, 0x140, &error));
	KUNIT_EXPECT_NE(test, 0, memcmp(secret, user_bytes(vm, vm->hva + 0x140, SECRET_LEN),
					SECRET_LEN));
	KUNIT_ASSERT_EQ(test, 0, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva + 0x140, vm->src, SECRET_LEN,
				     &error));
	KUNIT_EXPECT_MEMEQ(test, secret, user_bytes(vm, vm->src, SECRET_LEN), SECRET_LEN);
	/* There can be more than one. */
	KUNIT_EXPECT_EQ(test, 0, give_secret(vm, &p, data, PAGE_SIZE, &error));
	expect_state(vm, LSECRET);
}

/* Every command in every state; what is refused leaves the guest in it */
enum step { STEP_START, STEP_UPDATE, STEP_VMSA, STEP_MEASURE, STEP_SECRET, STEP_FINISH, NR_STEPS };

static int step(struct kt_vm *vm, enum step s, u32 *error)
{
	struct packet p = {};
	u8 data[SECRET_LEN] = {};
	u32 len = MEASURE_LEN;

	switch (s) {
	case STEP_START:
		return start(vm, type_of(vm->test)->policy, error);
	case STEP_UPDATE:
		return update(vm, vm->hva, PAGE_SIZE, error);
	case STEP_VMSA:
		return update_vmsa(vm, error);
	case STEP_MEASURE:
		return measure(vm, &len, error);
	case STEP_SECRET:
		return give_secret(vm, &p, data, 0, error);
	default:
		return finish(vm, error);
	}
}

static void commands_in_wrong_states(struct kunit *test)
{
	static const char * const names[] = {
		"LAUNCH_START", "LAUNCH_UPDATE_DATA", "LAUNCH_UPDATE_VMSA", "LAUNCH_MEASURE",
		"LAUNCH_SECRET", "LAUNCH_FINISH",
	};
	/* Of a second guest with the ASID of the first; in a state that it is not for */
	static const u32 refused[][NR_STEPS] = {
		[LUPDATE] = { SEV_RET_ASID_OWNED, 0, 0, 0, SEV_RET_INVALID_GUEST_STATE,
			      SEV_RET_INVALID_GUEST_STATE },
		[LSECRET] = { SEV_RET_ASID_OWNED, SEV_RET_INVALID_GUEST_STATE, 0,
			      SEV_RET_INVALID_GUEST_STATE, 0, 0 },
		[RUNNING] = { SEV_RET_ASID_OWNED, SEV_RET_INVALID_GUEST_STATE, 0,
			      SEV_RET_INVALID_GUEST_STATE, SEV_RET_INVALID_GUEST_STATE,
			      SEV_RET_INVALID_GUEST_STATE },
	};
	bool es = type_of(test)->policy & POLICY_ES;
	unsigned int s, state;

	for (state = LUPDATE; state <= RUNNING; state++) {
		struct kt_vm *vm = launched(test, 0, state);

		for (s = 0; s < NR_STEPS; s++) {
			u32 error = 0;

			if (!refused[state][s])
				continue;
			KUNIT_EXPECT_EQ_MSG(test, -EIO, step(vm, s, &error), "%s in state %u",
					    names[s], state);
			KUNIT_EXPECT_EQ_MSG(test, refused[state][s], error, "%s in state %u",
					    names[s], state);
			expect_state(vm, state);
		}
		/* A vCPU is measured once, which KVM knows by itself; without SEV-ES never. */
		if (state != LUPDATE || !es) {
			u32 error = 0;

			KUNIT_EXPECT_EQ(test, es ? -EINVAL : -ENOTTY, update_vmsa(vm, &error));
			KUNIT_EXPECT_EQ(test, 0, error);
		}
	}
}

/* Before LAUNCH_START there is no guest, nor a file to reach firmware by */
static void commands_before_the_launch(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct kvm_sev_init init = {};
	struct kvm_sev_guest_status gs;
	u8 *want = plain_text(test);
	unsigned int s;
	u32 error = 0;

	for (s = STEP_UPDATE; s < NR_STEPS; s++) {
		if (s == STEP_VMSA)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, -EBADF, step(vm, s, &error), "step %u", s);
	}
	KUNIT_EXPECT_EQ(test, -EBADF, status(vm, &gs, &error));
	KUNIT_EXPECT_EQ(test, -EBADF, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, vm->src, 16, &error));
	KUNIT_EXPECT_EQ(test, 0, error);
	KUNIT_EXPECT_MEMEQ(test, want, user_bytes(vm, vm->hva, LEN), LEN);
	/* It has been a guest since INIT2, and can be one only once. */
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev(vm, KVM_SEV_INIT2, &init, sizeof(init), NULL));
	/* Commands of SNP guests are not for it. */
	KUNIT_EXPECT_EQ(test, -ENOTTY, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	KUNIT_EXPECT_EQ(test, 0, start(vm, type_of(test)->policy, &error));
}

/* Without INIT2 it is no guest at all */
static void commands_before_init(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, type_of(test)->type);
	u32 error = 0;

	vm->hva = kt_mmap(test, LEN, PROT_READ | PROT_WRITE);
	vm->src = kt_mmap(test, LEN, PROT_READ | PROT_WRITE);
	KUNIT_EXPECT_EQ(test, -ENOTTY, start(vm, type_of(test)->policy, &error));
	KUNIT_EXPECT_EQ(test, -ENOTTY, update(vm, vm->hva, PAGE_SIZE, &error));
	KUNIT_EXPECT_EQ(test, -ENOTTY, finish(vm, &error));
	KUNIT_EXPECT_EQ(test, 0, error);
}

/* Debugging: aligned and not, in place of the host and of the guest */
static void debugging(struct kunit *test)
{
	static const struct { u32 src, dst, len; } ranges[] = {
		{ 0, 0, 16 }, { 0, 0, PAGE_SIZE }, { 16, 32, 4096 }, { 3, 0, 5 }, { 0, 3, 5 },
		{ 4090, 4093, 40 }, { 1, 1, 2 * PAGE_SIZE },
	};
	struct kt_vm *vm = launched(test, 0, RUNNING);
	u8 *plain = plain_text(test), fresh[64];
	u32 error = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		KUNIT_EXPECT_EQ_MSG(test, 0, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva + ranges[i].src,
						 vm->src + ranges[i].dst, ranges[i].len, &error),
				    "range %u", i);
		KUNIT_EXPECT_MEMEQ(test, plain + ranges[i].src,
				   user_bytes(vm, vm->src + ranges[i].dst, ranges[i].len),
				   ranges[i].len);
	}
	/* Into the guest, and only where it was meant to go */
	memset(fresh, 0x3c, sizeof(fresh));
	for (i = 0; i < 2; i++) {
		u32 at = 0x200 + i * 0x105, len = i ? 21 : 48;

		kt_write(test, vm->src, fresh, len);
		KUNIT_EXPECT_EQ(test, 0, dbg(vm, KVM_SEV_DBG_ENCRYPT, vm->src, vm->hva + at, len,
					     &error));
		memcpy(plain + at, fresh, len);
	}
	KUNIT_EXPECT_EQ(test, 0, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, vm->src, LEN, &error));
	KUNIT_EXPECT_MEMEQ(test, plain, user_bytes(vm, vm->src, LEN), LEN);

	KUNIT_EXPECT_EQ(test, -EINVAL, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, vm->src, 0, &error));
	KUNIT_EXPECT_EQ(test, -EINVAL, dbg(vm, KVM_SEV_DBG_DECRYPT, 0, vm->src, 16, &error));
	KUNIT_EXPECT_EQ(test, -EINVAL, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, -16UL, 32, &error));
}

/* The owner said no */
static void debugging_is_refused(struct kunit *test)
{
	struct kt_vm *vm = launched(test, POLICY_NODBG, RUNNING);
	u8 *before = user_bytes(vm, vm->hva, LEN);
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, -EIO, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, vm->src, 16, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_POLICY_FAILURE, error);
	error = 0;
	KUNIT_EXPECT_EQ(test, -EIO, dbg(vm, KVM_SEV_DBG_ENCRYPT, vm->src, vm->hva, 16, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_POLICY_FAILURE, error);
	KUNIT_EXPECT_MEMEQ(test, before, user_bytes(vm, vm->hva, LEN), LEN);
}

/* Two guests have two keys; a third has the place of the first that is gone */
static void guests_side_by_side(struct kunit *test)
{
	struct kt_vm *a = launched(test, 0, RUNNING), *b = launched(test, 0, RUNNING);
	struct kvm_sev_guest_status sa = {}, sb = {};
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, 0, status(a, &sa, &error));
	KUNIT_EXPECT_EQ(test, 0, status(b, &sb, &error));
	KUNIT_EXPECT_NE(test, sa.handle, sb.handle);
	KUNIT_EXPECT_NE(test, 0, memcmp(user_bytes(a, a->hva, LEN),
					user_bytes(b, b->hva, LEN), LEN));
	kt_close(test, a->vcpu_fd[0]);
	kt_close(test, a->fd);
	expect_state(b, RUNNING);
	expect_state(launched(test, 0, RUNNING), RUNNING);
}

/* Memory is registered once per range; what was not can't be taken back */
static void encrypted_regions(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct kvm_enc_region r = { .addr = vm->hva, .size = LEN };
	struct kvm_enc_region part = { .addr = vm->hva, .size = PAGE_SIZE };

	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_MEMORY_ENCRYPT_REG_REGION, &r,
					      sizeof(r)));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_ioctl_buf(test, vm->fd, KVM_MEMORY_ENCRYPT_UNREG_REGION,
						    &part, sizeof(part)));
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_MEMORY_ENCRYPT_UNREG_REGION, &r,
					      sizeof(r)));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_ioctl_buf(test, vm->fd, KVM_MEMORY_ENCRYPT_UNREG_REGION,
						    &r, sizeof(r)));
	/* The last one goes with the VM. */
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_MEMORY_ENCRYPT_REG_REGION, &r,
					      sizeof(r)));
}

static struct kunit_case sev_launch_cases[] = {
	KUNIT_CASE_PARAM(states_of_a_launch, type_gen_params),
	KUNIT_CASE_PARAM(update_encrypts_in_place, type_gen_params),
	KUNIT_CASE_PARAM(update_refuses, type_gen_params),
	KUNIT_CASE_PARAM(measurement, type_gen_params),
	KUNIT_CASE_PARAM(measurement_length, type_gen_params),
	KUNIT_CASE_PARAM(secret_reaches_the_guest, type_gen_params),
	KUNIT_CASE_PARAM(commands_in_wrong_states, type_gen_params),
	KUNIT_CASE_PARAM(commands_before_the_launch, type_gen_params),
	KUNIT_CASE_PARAM(commands_before_init, type_gen_params),
	KUNIT_CASE_PARAM(debugging, type_gen_params),
	KUNIT_CASE_PARAM(debugging_is_refused, type_gen_params),
	KUNIT_CASE_PARAM(guests_side_by_side, type_gen_params),
	KUNIT_CASE_PARAM(encrypted_regions, type_gen_params),
	{}
};

static struct kunit_suite sev_launch_suite = {
	.name = "sev_launch",
	.init = init,
	.test_cases = sev_launch_cases,
};

kunit_test_suite(sev_launch_suite);
