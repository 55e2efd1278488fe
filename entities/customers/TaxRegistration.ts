import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Entity } from 'typeorm';
import { DayColumn, IdColumn, JsonColumn, TextColumn } from '../columns';
import { Resource } from '../resource';
import { LocalDate, Node } from '../types';
import { TaxBuyer, type TaxRate } from './taxes';

registerEnumType(TaxBuyer, { name: 'TaxBuyer', description: 'Whom a tax rate is for.' });

@ObjectType({ simpleResolvers: true })
export class RegisteredRate {
  @Field({ description: 'The tax code that products have.' })
  category: string;

  @Field(() => TaxBuyer)
  buyer: TaxBuyer;

  @Field()
  taxCode: string;

  @Field({ description: 'Percent.' })
  ratePercent: string;

  @Field(() => LocalDate)
  from: string;
}

/** Where a legal entity is registered for tax, and how it taxes what it sells to customers there. */
@Directive('@key(fields: "id")')
@ObjectType({ implements: Node, simpleResolvers: true })
@Entity('tax_registration')
export class TaxRegistration extends Resource {
  @Field(() => ID)
  @IdColumn('legal_entity_id')
  legalEntityId: string;

  @Field({ description: 'ISO 3166-1 alpha-2, or * for all countries without a registration of their own.' })
  @TextColumn('country_code', 2)
  countryCode: string;

  @Field({ description: 'The tax number there.' })
  @TextColumn('number', 40)
  number: string;

  @Field(() => LocalDate)
  @DayColumn('valid_from')
  validFrom: string;

  @Field(() => LocalDate, { nullable: true, description: 'Last day; null until further notice.' })
  @DayColumn('valid_to', { nullable: true })
  validTo: string | null;

  @JsonColumn('tax_rates')
  taxRates: TaxRate[];

  @Field(() => [RegisteredRate])
  get rates(): RegisteredRate[] {
    return this.taxRates.map((rate) => Object.assign(new RegisteredRate(), rate));
  }
}
