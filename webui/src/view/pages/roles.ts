import type { Role } from '../../wire/types.gen.ts'

/** The roles, from the one that may most. */
export const roles: readonly Role[] = ['owner', 'admin', 'member', 'guest']

/** A role with its article: "a member". */
export function roleWords(role: Role): string {
  switch (role) {
    case 'owner':
      return 'an owner'
    case 'admin':
      return 'an administrator'
    case 'member':
      return 'a member'
    case 'guest':
      return 'a guest, who sees only the rooms that they were invited to'
  }
}

/** The name of a role in a list. */
export const roleNames: Readonly<Record<Role, string>> = { owner: 'Owner', admin: 'Administrator', member: 'Member', guest: 'Guest' }
