// SPDX-License-Identifier: GPL-2.0
/*
 * CPU models.  A model gives a vCPU its identity: signature, brand, the leaves
 * it has.  Feature bits are those that KVM supports, less the ones that QEMU
 * hides from SNP guests: a VMSA holds the signature and no feature bit, and
 * the firmware does not measure the CPUID page, so that no digest depends on
 * them.
 */
#include <string.h>

#include "cpu.h"

#define MODEL(name, brand, family, model, stepping, max_ext) \
	{ name, brand, family, model, stepping, max_ext }

#define NAPLES(name)	MODEL(name, "AMD EPYC Processor", 23, 1, 2, 0x8000001f)
#define ROME(name)	MODEL(name, "AMD EPYC-Rome Processor", 23, 49, 0, 0x8000001f)
#define MILAN(name)	MODEL(name, "AMD EPYC-Milan Processor", 25, 1, 1, 0x8000001f)
#define GENOA(name)	MODEL(name, "AMD EPYC-Genoa Processor", 25, 17, 0, 0x80000022)
#define TURIN(name)	MODEL(name, "AMD EPYC-Turin Processor", 26, 0, 0, 0x80000022)

static const struct cpu_model models[] = {
	NAPLES("EPYC"),
	NAPLES("EPYC-v1"),
	NAPLES("EPYC-v2"),
	NAPLES("EPYC-IBPB"),
	NAPLES("EPYC-v3"),
	NAPLES("EPYC-v4"),
	NAPLES("EPYC-v5"),
	ROME("EPYC-Rome"),
	ROME("EPYC-Rome-v1"),
	ROME("EPYC-Rome-v2"),
	ROME("EPYC-Rome-v3"),
	ROME("EPYC-Rome-v4"),
	ROME("EPYC-Rome-v5"),
	MILAN("EPYC-Milan"),
	MILAN("EPYC-Milan-v1"),
	MILAN("EPYC-Milan-v2"),
	MILAN("EPYC-Milan-v3"),
	GENOA("EPYC-Genoa"),
	GENOA("EPYC-Genoa-v1"),
	GENOA("EPYC-Genoa-v2"),
	TURIN("EPYC-Turin"),
	TURIN("EPYC-Turin-v1"),
};

#define NR_MODELS	(sizeof(models) / sizeof(models[0]))

const struct cpu_model *cpu_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_MODELS; i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

void cpu_list(FILE *f)
{
	unsigned int i;

	for (i = 0; i < NR_MODELS; i++)
		fprintf(f, "%s%s", i ? " " : "", models[i].name);
	fprintf(f, "\n");
}

uint32_t cpu_signature(const struct cpu_model *m)
{
	/* families above 15 are 15 plus the extended family */
	return (uint32_t)(m->family - 0xf) << 20 | (m->model >> 4) << 16 |
	       0xf << 8 | (m->model & 0xf) << 4 | m->stepping;
}

static unsigned int bits_for(unsigned int n)
{
	unsigned int bits = 0;

	while ((1u << bits) < n)
		bits++;
	return bits;
}

static struct kvm_cpuid_entry2 *add(struct cpuid_table *t, uint32_t function,
				    uint32_t index, uint32_t flags)
{
	struct kvm_cpuid_entry2 *e = &t->entries[t->head.nent++];

	memset(e, 0, sizeof(*e));
	e->function = function;
	e->index = index;
	e->flags = flags;
	return e;
}

/* One socket, one thread per core; a level each for threads and for cores. */
static void add_topology(struct cpuid_table *t, unsigned int apic_id,
			 unsigned int total)
{
	struct kvm_cpuid_entry2 *e;

	e = add(t, 0xb, 0, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	e->ebx = 1;
	e->ecx = 1 << 8;
	e->edx = apic_id;

	e = add(t, 0xb, 1, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	e->eax = bits_for(total);
	e->ebx = total;
	e->ecx = 2 << 8 | 1;
	e->edx = apic_id;
}

static int wanted(const struct kvm_cpuid_entry2 *e, const struct cpu_model *m)
{
	if (e->function < 0x40000000)
		/* 0xd is the last basic leaf of every model; 0xb is made up */
		return e->function <= 0xd && e->function != 0xb &&
		       !(e->function == 7 && e->index);
	return e->function >= 0x80000000 && e->function <= m->max_ext;
}

void cpu_build_cpuid(struct cpuid_table *out,
		     const struct cpuid_table *supported,
		     const struct cpu_model *model, unsigned int apic_id,
		     unsigned int total)
{
	struct kvm_cpuid_entry2 *e;
	char brand[48] = "";
	unsigned int i;

	strncpy(brand, model->brand, sizeof(brand) - 1);
	out->head.nent = 0;
	out->head.padding = 0;

	for (i = 0; i < supported->head.nent; i++) {
		const struct kvm_cpuid_entry2 *s = &supported->entries[i];

		if (!wanted(s, model))
			continue;
		e = add(out, s->function, s->index, s->flags);
		*e = *s;

		switch (e->function) {
		case 0:
			e->eax = 0xd;
			memcpy(&e->ebx, "Auth", 4);
			memcpy(&e->edx, "enti", 4);
			memcpy(&e->ecx, "cAMD", 4);
			break;
		case 1:
			e->eax = cpu_signature(model);
			e->ebx = (e->ebx & 0xff00) | apic_id << 24 |
				 (total > 1 ? total << 16 : 0);
			e->ecx &= ~(1u << 24);		/* TSC deadline */
			e->ecx |= 1u << 31;		/* hypervisor */
			if (total > 1)
				e->edx |= 1u << 28;	/* HTT */
			break;
		case 7:
			e->eax = 0;
			e->ebx &= ~(1u << 1);		/* TSC_ADJUST */
			e->edx &= ~(0x3fu << 26);	/* speculation control */
			break;
		case 0x80000000:
			e->eax = model->max_ext;
			e->ebx = e->ecx = e->edx = 0;
			break;
		case 0x80000001:
			e->eax = cpu_signature(model);
			break;
		case 0x80000002 ... 0x80000004:
			memcpy(&e->eax, brand + (e->function - 0x80000002) * 16,
			       16);
			break;
		case 0x80000008:
			/* VIRT_SSBD; and SSB_NO, which no EPYC has */
			e->ebx &= ~(3u << 25);
			e->ecx = total > 1 ? bits_for(total) << 12 | (total - 1) : 0;
			break;
		case 0x8000001e:
			e->eax = apic_id;
			e->ebx = apic_id;
			e->ecx = 0;
			break;
		}
	}
	add_topology(out, apic_id, total);
}
